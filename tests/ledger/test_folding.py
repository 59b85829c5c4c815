"""Folding balances: one row each where posting is over, side by side, and the same sums."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, offenders, post
from tests.ledger.periods import CLOSE, CLOSE_YEAR, REOPEN, retain
from tests.pgtap import value

FOLD = "SELECT ledger.fold_balances()"
SPREAD = """UPDATE ledger.account_balances SET stripe = 8 + greatest(stripe, (
    SELECT max(stripe) FROM ledger.account_balances)) WHERE stripe < 8"""
ROWS = """SELECT count(*) FROM ledger.account_balances AS b
JOIN ledger.fiscal_periods AS p ON p.id = b.period_id
WHERE p.starts_on = %s AND p.kind = 'regular'"""
BALANCE = "SELECT ledger.account_balance('MAIN', '1110')::numeric::text"


def spread(db: psycopg.Connection, day: str, rows: int = 3) -> None:
    """Post sales of 1 as that many processes would: each writes rows of its own."""
    for _ in range(rows):
        post(db, ("1110", "1"), ("4100", "-1"), date=day)
        db.execute(SPREAD)


@pytest.fixture
def old(db: psycopg.Connection, books: Books) -> Books:
    """Books with the years 2019, long over, and 2090, far ahead."""
    for year in ("2019-01-01", "2090-01-01"):
        db.execute("SELECT ledger.create_fiscal_year('MAIN', %s)", [year])
    return books


def test_balances_of_periods_that_are_over_become_one_row_each(
    db: psycopg.Connection, old: Books
) -> None:
    for day in ("2019-03-04", "2019-04-04", "2090-03-04"):
        spread(db, day)
    before = db.execute("SELECT * FROM ledger.trial_balance('MAIN')").fetchall()
    assert value(db, FOLD) == 8
    rows = [value(db, ROWS, [day]) for day in ("2019-03-01", "2019-04-01", "2090-03-01")]
    assert rows == [2, 2, 6]
    assert db.execute("SELECT * FROM ledger.trial_balance('MAIN')").fetchall() == before
    assert offenders(db) == {}
    assert value(db, FOLD) == 0


def test_rows_of_a_folded_period_lie_side_by_side(db: psycopg.Connection, old: Books) -> None:
    for day in ("2019-03-04", "2019-04-04", "2019-05-04") * 2:
        spread(db, day, 1)
    layout = """SELECT array_agg(p.code::text ORDER BY b.ctid)
        FROM ledger.account_balances AS b JOIN ledger.fiscal_periods AS p ON p.id = b.period_id"""
    months = ["2019-03", "2019-04", "2019-05"]
    assert value(db, layout) == [month for month in months * 2 for _ in range(2)]
    assert value(db, FOLD) == 6
    assert value(db, layout) == [month for month in months for _ in range(2)]


def test_a_balance_of_one_row_is_not_written_again(db: psycopg.Connection, old: Books) -> None:
    spread(db, "2019-03-04", 2)
    value(
        db,
        """SELECT ledger.create_journal_entry('MAIN', '2019-03-04', 'x', '[
            {"account": "1110", "debit": "10", "currency": "EUR", "rate": "1.1"},
            {"account": "1120", "credit": "11"}]')""",
    )
    places = """SELECT a.code::text, b.ctid::text FROM ledger.account_balances AS b
        JOIN ledger.accounts AS a ON a.id = b.account_id
        WHERE b.currency_code = 'EUR' OR a.code = '1120' ORDER BY a.code"""
    before = db.execute(places).fetchall()
    assert value(db, FOLD) == 2
    assert db.execute(places).fetchall() == before
    assert [code for code, _ in before] == ["1110", "1120"]
    assert offenders(db) == {}


def test_at_most_so_many_periods_are_folded_at_once_the_oldest_first(
    db: psycopg.Connection, old: Books
) -> None:
    for day in ("2019-04-04", "2019-03-04"):
        spread(db, day)
    assert value(db, "SELECT ledger.fold_balances(1)") == 4
    assert [value(db, ROWS, [day]) for day in ("2019-03-01", "2019-04-01")] == [2, 6]
    # What has been folded is not looked at again.
    assert value(db, "SELECT ledger.fold_balances(1)") == 4
    assert value(db, "SELECT ledger.fold_balances(1)") == 0


def test_two_currencies_of_one_row_each_are_nothing_to_fold(
    db: psycopg.Connection, old: Books
) -> None:
    spread(db, "2019-03-04", 1)
    db.execute(
        "INSERT INTO ledger.account_balances SELECT (jsonb_populate_record(b,"
        """ '{"currency_code": "EUR"}')).* FROM ledger.account_balances AS b"""
    )
    spread(db, "2019-04-04")
    assert value(db, "SELECT ledger.fold_balances(1)") == 4
    assert value(db, ROWS, ["2019-04-01"]) == 2


def test_a_period_that_ends_today_is_not_over(db: psycopg.Connection, old: Books) -> None:
    spread(db, "2019-03-04")
    db.execute("SET LOCAL session_replication_role = 'replica'")
    move = "UPDATE ledger.fiscal_periods SET ends_on = current_date - %s WHERE starts_on = %s"
    db.execute(move, [0, "2019-03-01"])
    assert value(db, FOLD) == 0
    db.execute(move, [1, "2019-03-01"])
    assert value(db, FOLD) == 4


def test_currencies_and_businesses_stay_apart(db: psycopg.Connection, old: Books) -> None:
    db.execute("SELECT ledger.create_fiscal_year('SIDE', '2019-01-01')")
    for business in ("MAIN", "SIDE"):
        for _ in range(2):
            value(
                db,
                """SELECT ledger.create_journal_entry(%s, '2019-03-04', 'x', '[
                    {"account": "1110", "debit": "10", "currency": "EUR", "rate": "1.1"},
                    {"account": "1110", "debit": "7"},
                    {"account": "4100", "credit": "18"}]')""",
                [business],
            )
            db.execute(SPREAD)
    assert value(db, FOLD) == 6
    assert (
        db.execute(
            """SELECT currency_code::text, debit::text, currency_amount::text
        FROM ledger.account_balances WHERE debit > 0 ORDER BY business_id, currency_code"""
        ).fetchall()
        == [("EUR", "22.0000", "20.0000"), ("USD", "14.0000", "14.0000")] * 2
    )
    assert offenders(db) == {}


def test_closing_a_period_or_a_year_folds_its_balances(db: psycopg.Connection, old: Books) -> None:
    retain(db)
    spread(db, "2090-03-04")
    spread(db, "2090-04-04")
    db.execute(CLOSE, ["2090-03"])
    assert [value(db, ROWS, [day]) for day in ("2090-03-01", "2090-04-01")] == [2, 6]
    db.execute(CLOSE_YEAR, ["2090"])
    assert value(db, ROWS, ["2090-04-01"]) == 2
    assert offenders(db) == {}


def test_a_reopened_period_takes_postings_and_is_folded_again(
    db: psycopg.Connection, old: Books
) -> None:
    spread(db, "2019-03-04")
    db.execute(CLOSE, ["2019-03"])
    db.execute(REOPEN, ["2019-03"])
    spread(db, "2019-03-05", 2)
    assert value(db, ROWS, ["2019-03-01"]) > 2
    db.execute(CLOSE, ["2019-03"])
    assert value(db, ROWS, ["2019-03-01"]) == 2
    assert value(db, BALANCE) == "5.0000"
    assert offenders(db) == {}


@pytest.mark.parametrize("large", ["debit = 6e15", "credit = 6e15", "currency_amount = -6e15",
                                   "currency_amount = 6e15"])  # fmt: skip
def test_sums_too_large_for_one_row_stay_spread_and_the_period_closes(
    db: psycopg.Connection, old: Books, large: str
) -> None:
    """In any of the three amounts: of a foreign currency there may be more than of ours."""
    spread(db, "2019-03-04", 2)
    db.execute(f"UPDATE ledger.account_balances SET {large} WHERE debit > 0".encode())
    assert value(db, FOLD) == 1
    db.execute(CLOSE, ["2019-03"])
    assert value(db, ROWS, ["2019-03-01"]) == 3
