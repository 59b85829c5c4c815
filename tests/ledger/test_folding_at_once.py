"""Folding balances while others post, close or change accounts: nobody is kept waiting."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import offenders, post
from tests.ledger.periods import CLOSE
from tests.ledger.test_concurrency import session_on
from tests.ledger.test_folding import FOLD, ROWS, spread
from tests.pgtap import value


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
    ("month", "locked", "rows"),
    [
        ("2019-01", "ledger.accounts AS x WHERE x.code = '1110'", 2),
        ("2019-02", "ledger.fiscal_periods AS x WHERE x.code = '2019-02'", 0),
    ],
)
def test_who_folds_waits_for_no_account_and_no_period(
    session: psycopg.Connection, other: psycopg.Connection, month: str, locked: str, rows: int
) -> None:
    fold(session)
    spread(session, f"{month}-04")
    session.execute("BEGIN")
    session.execute(f"SELECT FROM {locked} FOR UPDATE".encode())
    other.execute("SET lock_timeout = '2s'")
    assert fold(other) == rows
    session.execute("ROLLBACK")
    assert fold(other) == 4 - rows
    assert value(other, ROWS, [f"{month}-01"]) == 2
    assert offenders(other) == {}


def test_who_posts_to_the_row_that_stays_waits_and_adds_to_it(
    url: str, session: psycopg.Connection, other: psycopg.Connection
) -> None:
    fold(session)
    with session_on(url) as poster:
        post(poster, ("1110", "1"), ("4100", "-1"), date="2019-12-04")
        # A higher stripe than any process has: that of the poster is the one that stays.
        session.execute(
            """INSERT INTO ledger.account_balances
            SELECT tenant_id, account_id, business_id, period_id, currency_code, 99, 0, 0, 0
            FROM ledger.account_balances WHERE period_id IN
                (SELECT id FROM ledger.fiscal_periods WHERE code = '2019-12')"""
        )
        other.execute("BEGIN")
        assert fold(other) == 2
        posting = Background(
            poster,
            lambda: post(poster, ("1110", "5"), ("4100", "-5"), date="2019-12-05"),
        )
        assert posting.waits(session)
        other.execute("COMMIT")
        assert posting.result() is None
    assert value(session, ROWS, ["2019-12-01"]) == 2
    assert offenders(session) == {}


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
