"""Open items are matched oldest first, written off when only cents are left, and aged."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, balance, settle
from tests.ledger.foreign import Item, item, match, open_foreign_accounts, open_of, set_rate
from tests.pgtap import as_role, results_eq, throws, value

OLDEST = "SELECT count(*) FROM ledger.match_oldest(%s, '1200', %s, %s, %s)"
WRITE_OFF = "SELECT ledger.write_off_rounding(%s, %s, %s)"
AGED = """SELECT counterparty, currency_code, total::text, not_due::text,
    array_to_string(overdue, ' '), unmatched::text, value::text
    FROM ledger.aged_balances(%s, %s, %s, %s, %s)"""
DAYS = [30, 60, 90]


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables and payables in EUR."""
    open_foreign_accounts(db)


def test_the_oldest_due_is_matched_first_in_each_currency(db: psycopg.Connection) -> None:
    late = item(db, "50", rate="1", due_date="2026-03-10")
    later = item(db, "50", rate="1", due_date="2026-03-20")
    early = item(db, "30", rate="1.1", due_date="2026-02-20")
    dollars = item(db, "9", currency=None)
    other = item(db, "9", rate="1", counterparty="OTHER")
    payments = [
        item(db, "-60", rate="1.2", date="2026-03-15"),
        item(db, "-25", rate="1.3", date="2026-03-16"),
        item(db, "-10", currency=None, date="2026-03-16"),
    ]
    assert value(db, OLDEST, ["MAIN", "ACME", None, None]) == 5
    found = [open_of(db, one) for one in (early, late, later, dollars, other, *payments)]
    left = [None, None, ("45.0000", "45.0000"), None, ("9.0000", "9.0000"), None, None]
    assert found == [*left, ("-1.0000", "-1.0000")]
    results_eq(
        db,
        "SELECT m.amount::text, matched_on::text FROM ledger.matches AS m ORDER BY m.amount, m.id",
        [
            ("5.0000", "2026-03-16"),
            ("9.0000", "2026-03-16"),
            ("20.0000", "2026-03-16"),
            ("30.0000", "2026-03-15"),
            ("30.0000", "2026-03-15"),
        ],
    )
    assert value(db, OLDEST, ["MAIN", "ACME", None, None]) == 0
    settle(db)


def test_matching_the_oldest_keeps_to_one_currency_and_date_if_told(
    db: psycopg.Connection,
) -> None:
    euros = [item(db, "50", rate="1"), item(db, "-20", rate="1", date="2026-05-01")]
    pounds = [item(db, "50", rate="1", currency="GBP"), item(db, "-20", rate="1", currency="GBP")]
    nobody = [item(db, "5", rate="1", counterparty=None), item(db, "-5", rate="1")]
    assert value(db, OLDEST, ["MAIN", "ACME", "EUR", "2026-04-01"]) == 1
    assert open_of(db, nobody[1]) is None
    assert open_of(db, euros[0]) == ("45.0000", "45.0000")
    assert open_of(db, pounds[0]) == ("50.0000", "50.0000")
    assert value(db, OLDEST, ["MAIN", "ACME", None, None]) == 2
    assert value(db, OLDEST, ["MAIN", None, None, None]) == 0
    throws(db, "ZL007", OLDEST.replace("'1200'", "'12'"), ["MAIN", "ACME", None, None])
    throws(db, "ZI005", OLDEST, ["NONE", "ACME", None, None])


@pytest.mark.parametrize("side", [1, -1])
def test_the_last_cents_go_to_the_rounding_difference_account(
    db: psycopg.Connection, side: int
) -> None:
    big, small = ("100", "-99.97") if side == 1 else ("-100", "99.97")
    one, other = item(db, big, rate="1.1"), item(db, small, rate="1.1", date="2026-03-20")
    match(db, *((one, other) if side == 1 else (other, one)))
    value(db, WRITE_OFF, [one.entry_id, 1, None])
    assert open_of(db, one) is None
    expected = "0.0300" if side == 1 else "-0.0300"
    assert [balance(db, "1200"), balance(db, "5910")] == ["0.0000", expected]
    last = "SELECT max(matched_on)::text FROM ledger.matches"
    assert value(db, last) == "2026-03-20"
    settle(db)


def test_more_than_the_tolerance_is_not_written_off(db: psycopg.Connection) -> None:
    one = item(db, "0.06", rate="1")
    throws(db, "ZL059", WRITE_OFF, [one.entry_id, 1, None])
    throws(db, "ZL059", WRITE_OFF, [one.entry_id, 1, "0.05"])
    throws(db, "ZL053", WRITE_OFF, [one.entry_id, 9, None])
    sketch = item(db, "0.01", rate="1", status="DRAFT")
    throws(db, "ZL053", WRITE_OFF, [sketch.entry_id, 1, None])
    value(db, WRITE_OFF, [one.entry_id, 1, "0.06"])
    throws(db, "ZL059", WRITE_OFF, [one.entry_id, 1, "1"])
    settle(db)


def test_what_is_worth_less_than_a_cent_is_written_off_too(db: psycopg.Connection) -> None:
    """Of 3 JPY that are worth 2 cents two are paid with 2 cents: the third is worth nothing."""
    one = item(db, "3", rate="0.0063", currency="JPY")
    match(db, one, item(db, "-2", rate="0.0075", currency="JPY"))
    assert open_of(db, one) == ("1.0000", "0.0100")
    two = item(db, "6", rate="0.0016", currency="JPY")
    match(db, two, item(db, "-5", rate="0.0016", currency="JPY"))
    assert open_of(db, two) == ("1.0000", "0.0000")
    for left in (one, two):
        value(db, WRITE_OFF, [left.entry_id, 1, None])
        assert open_of(db, left) is None
    assert balance(db, "1200") == "0.0000"
    settle(db)


def test_amounts_with_four_decimals_are_written_off_in_the_functional_currency(
    db: psycopg.Connection,
) -> None:
    one = item(db, "0.0499", currency=None)
    throws(db, "ZL059", WRITE_OFF, [item(db, "0.0501", currency=None).entry_id, 1, None])
    value(db, WRITE_OFF, [one.entry_id, 1, None])
    assert open_of(db, one) is None
    assert balance(db, "5910") == "0.0499"
    settle(db)


def test_items_are_aged_by_their_due_dates_as_of_any_day(db: psycopg.Connection) -> None:
    for amount, due in (("1", "06-30"), ("2", "06-29"), ("4", "05-31"), ("8", "05-30")):
        item(db, amount, rate="2", date="2026-01-01", due_date=f"2026-{due}")
    item(db, "16", rate="2", date="2026-03-31")
    old = item(db, "32", rate="2", date="2026-01-10")
    paid = item(db, "-32", rate="3", date="2026-06-15")
    match(db, old, paid)
    found = db.execute(AGED, ["MAIN", "1200", "2026-06-30", DAYS, False]).fetchall()
    assert found == [("ACME", "EUR", *texts("31 1 6 8 0 16 0 62"))]
    # Before it was paid.
    found = db.execute(AGED, ["MAIN", "1200", "2026-06-14", DAYS, False]).fetchall()
    assert found == [("ACME", "EUR", *texts("63 3 12 0 16 32 0 126"))]
    found = db.execute(AGED, ["MAIN", "1200", "2026-06-30", [45], False]).fetchall()
    assert found == [("ACME", "EUR", *texts("31 1 14 16 0 62"))]


def texts(row: str) -> tuple[str, ...]:
    """Total, not due, the buckets in one text, unmatched, value: as the database writes them."""
    total, not_due, *buckets, unmatched, carried = (f"{n}.0000" for n in row.split())
    return (total, not_due, " ".join(buckets), unmatched, carried)


def aged(db: psycopg.Connection, account: str, as_of: str, *, apply: bool = False) -> list[Any]:
    rows = db.execute(AGED, ["MAIN", account, as_of, DAYS, apply]).fetchall()
    return [(row[0], *map(float, (row[2], row[3], *row[4].split(), row[5]))) for row in rows]


def test_payments_that_are_not_matched_are_shown_or_pay_the_oldest(db: psycopg.Connection) -> None:
    item(db, "100", currency=None, date="2026-01-01")
    item(db, "50", currency=None, date="2026-06-01")
    item(db, "-70", currency=None, date="2026-06-02")
    item(db, "-5", currency=None, date="2026-06-02", counterparty="EARLY")
    item(db, "7", currency=None, date="2026-06-02", counterparty=None)
    assert aged(db, "1200", "2026-06-30") == [
        ("ACME", 80, 0, 50, 0, 0, 100, -70),
        ("EARLY", -5, 0, 0, 0, 0, 0, -5),
        (None, 7, 0, 7, 0, 0, 0, 0),
    ]
    assert aged(db, "1200", "2026-06-30", apply=True) == [
        ("ACME", 80, 0, 50, 0, 0, 30, 0),
        ("EARLY", -5, 0, 0, 0, 0, 0, -5),
        (None, 7, 0, 7, 0, 0, 0, 0),
    ]


def test_what_is_owed_to_vendors_is_positive(db: psycopg.Connection) -> None:
    item(db, "-100", currency=None, account="2200", against="5100", counterparty="V")
    item(db, "30", currency=None, account="2200", against="1110", counterparty="V")
    assert aged(db, "2200", "2026-03-05") == [("V", 70, 0, 100, 0, 0, 0, -30)]


def test_aged_balances_sum_to_the_balance_of_the_account(db: psycopg.Connection) -> None:
    set_rate(db, "2026-01-01", "1.1")
    invoices = [item(db, f"{n}.77", counterparty=f"C{n % 3}", date="2026-02-01") for n in range(9)]
    payments = [
        item(db, f"-{n}.33", rate="1.3", counterparty=f"C{n % 3}", date=f"2026-04-{n + 10}")
        for n in range(9)
    ]
    for n in range(9):
        match(db, invoices[n], payments[n])
    set_rate(db, "2026-04-15", "1.4")
    value(db, "SELECT ledger.revalue('MAIN', '2026-04-15')")
    for day in ("2026-03-31", "2026-04-14", "2026-04-15", "2026-04-16", "2026-12-31"):
        total, parts, carried = db.execute(
            """SELECT sum(total), sum(not_due + unmatched + (SELECT sum(o) FROM unnest(overdue) o)),
                sum(value) FROM ledger.aged_balances('MAIN', '1200', %s)""",
            [day],
        ).fetchone() or (None, None, None)
        held = value(
            db,
            """SELECT sum(currency_amount) FROM ledger.journal_lines AS l
            INNER JOIN ledger.accounts AS a ON a.id = l.account_id AND a.code = '1200'
            WHERE entry_date <= %s""",
            [day],
        )
        assert total == parts == held
        assert carried == value(db, "SELECT ledger.account_balance('MAIN', '1200', %s)", [day])
    settle(db)


@pytest.mark.parametrize("buckets", [[60, 30], [30, 30], [0, 30], [-1], [30, None], None])
def test_buckets_that_do_not_rise_are_refused(
    db: psycopg.Connection, buckets: list[int | None] | None
) -> None:
    throws(db, "22023", AGED, ["MAIN", "1200", "2026-03-05", buckets, False])
    throws(db, "22023", AGED, ["MAIN", "1200", None, DAYS, False])


def test_readers_see_the_items_of_their_businesses_only(
    db: psycopg.Connection, books: Books
) -> None:
    item(db, "5", rate="2")
    side: Item = item(db, "7", rate="2", business="SIDE")
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', %s), false)"
    db.execute(token, [books.tenant_id, [books.business_id + 1]])
    with as_role(db, "pgerp_readonly"):
        listed = "SELECT entry_id FROM ledger.open_items(%s, '1200')"
        assert db.execute(listed, [None]).fetchall() == [(side.entry_id,)]
        throws(db, "ZI005", listed, ["MAIN"])
        totals = "SELECT total::integer FROM ledger.aged_balances(NULL, '1200')"
        assert db.execute(totals).fetchall() == [(7,)]
        throws(db, "ZL007", "SELECT * FROM ledger.open_items('SIDE', '12')")
