"""Folding balances: one row each where posting is over, the same sums, nobody kept waiting."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import Books, offenders, post
from tests.ledger.periods import CLOSE, CLOSE_YEAR, REOPEN, retain
from tests.ledger.test_concurrency import session_on
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


def test_at_most_so_many_periods_are_folded_at_once_the_oldest_first(
    db: psycopg.Connection, old: Books
) -> None:
    for day in ("2019-04-04", "2019-03-04"):
        spread(db, day)
    assert value(db, "SELECT ledger.fold_balances(1)") == 4
    assert [value(db, ROWS, [day]) for day in ("2019-03-01", "2019-04-01")] == [2, 6]


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


def test_sums_too_large_for_one_row_stay_spread_and_the_period_closes(
    db: psycopg.Connection, old: Books
) -> None:
    spread(db, "2019-03-04", 2)
    db.execute("UPDATE ledger.account_balances SET debit = 6e15 WHERE debit > 0")
    assert value(db, FOLD) == 1
    db.execute(CLOSE, ["2019-03"])
    assert value(db, ROWS, ["2019-03-01"]) == 3


@pytest.fixture(scope="module")
def url(committed_url: str) -> Iterator[str]:
    with session_on(committed_url) as conn:
        conn.execute("SELECT ledger.create_fiscal_year('MAIN', '2019-01-01')")
    yield committed_url


def fold(conn: psycopg.Connection) -> Any:
    return value(conn, FOLD)


def test_who_folds_waits_for_nobody_and_leaves_what_is_being_posted(
    url: str, session: psycopg.Connection, other: psycopg.Connection
) -> None:
    fold(session)
    spread(session, "2019-05-04")
    session.execute("BEGIN")
    # It meets none of the rows above: their stripes are not those of a process.
    post(session, ("1110", "1"), ("4100", "-1"), date="2019-05-04")
    with session_on(url) as poster:
        poster.execute("BEGIN")
        assert (
            poster.execute(
                """UPDATE ledger.account_balances AS b SET debit = debit + 0
            FROM ledger.fiscal_periods AS p
            WHERE p.id = b.period_id AND p.code = '2019-05' AND b.debit > 0 AND b.stripe = (
                SELECT max(stripe) FROM ledger.account_balances)"""
            ).rowcount
            == 1
        )
        other.execute("SET lock_timeout = '2s'")
        assert fold(other) == 3
        poster.execute("ROLLBACK")
    session.execute("COMMIT")
    assert fold(other) == 3
    assert value(other, ROWS, ["2019-05-01"]) == 2
    assert offenders(other) == {}


@pytest.mark.parametrize(
    ("isolation", "sqlstate"), [("READ COMMITTED", None), ("REPEATABLE READ", "40001")]
)
def test_who_posts_to_a_row_that_is_folded_waits_and_is_counted(
    url: str,
    session: psycopg.Connection,
    other: psycopg.Connection,
    isolation: str,
    sqlstate: str | None,
) -> None:
    month = {"READ COMMITTED": "06", "REPEATABLE READ": "07"}[isolation]
    fold(session)
    with session_on(url) as poster:
        post(poster, ("1110", "1"), ("4100", "-1"), date=f"2019-{month}-04")
        # A lower stripe than any process has, which is the one that stays.
        session.execute(
            """INSERT INTO ledger.account_balances
            SELECT tenant_id, account_id, business_id, period_id, currency_code, -1, 0, 0, 0
            FROM ledger.account_balances WHERE period_id IN
                (SELECT id FROM ledger.fiscal_periods WHERE code = %s)""",
            [f"2019-{month}"],
        )
        other.execute("BEGIN")
        assert fold(other) == 2
        poster.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        posting = Background(
            poster,
            lambda: post(poster, ("1110", "5"), ("4100", "-5"), date=f"2019-{month}-05"),
        )
        assert posting.waits(session)
        other.execute("COMMIT")
        assert posting.result() == sqlstate
        poster.execute("ROLLBACK" if sqlstate else "COMMIT")
    assert value(session, ROWS, [f"2019-{month}-01"]) == (2 if sqlstate else 4)
    assert offenders(session) == {}


def test_an_old_snapshot_folds_nothing_and_closes_all_the_same(
    session: psycopg.Connection, url: str
) -> None:
    fold(session)
    spread(session, "2019-08-04")
    with session_on(url) as closer:
        closer.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        closer.execute("SELECT 1")
        post(session, ("1110", "1"), ("4100", "-1"), date="2019-08-04")
        closer.execute(CLOSE, ["2019-08"])
        closer.execute("COMMIT")
    assert value(session, ROWS, ["2019-08-01"]) == 8
    assert fold(session) == 6
    assert offenders(session) == {}


def test_folding_while_many_post_loses_nothing_and_stops_nobody(
    url: str, session: psycopg.Connection
) -> None:
    failures: list[Any] = []
    done = threading.Event()

    def posting(seed: int) -> None:
        dice = random.Random(seed)
        with session_on(url) as conn:
            for _ in range(25):
                accounts = dice.sample(["1110", "4100", "2110", "3100"], 2)
                try:
                    post(
                        conn,
                        (accounts[0], "2"),
                        (accounts[1], "-2"),
                        date=dice.choice(["2019-10-04", "2019-11-04"]),
                    )
                except psycopg.Error as error:
                    failures.append(error.sqlstate)

    def folding() -> None:
        with session_on(url) as conn:
            while not done.is_set():
                try:
                    fold(conn)
                except psycopg.Error as error:
                    failures.append(error.sqlstate)

    folder = threading.Thread(target=folding)
    posters = [threading.Thread(target=posting, args=[seed]) for seed in range(6)]
    for thread in (folder, *posters):
        thread.start()
    for thread in posters:
        thread.join(60)
    done.set()
    folder.join(60)
    assert failures == []
    fold(session)
    assert value(session, ROWS, ["2019-10-01"]) == value(session, ROWS, ["2019-11-01"]) == 4
    assert offenders(session) == {}
