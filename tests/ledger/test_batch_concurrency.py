"""Batches in mode skip_bad while others close periods, change accounts, and post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import balance, offenders, post
from tests.ledger.budgets import open_expenses, plan
from tests.ledger.limits import head, limit
from tests.ledger.periods import CLOSE, REOPEN, SOFT_CLOSE
from tests.ledger.test_batches import BATCH, entry
from tests.pgtap import value

SALE = (("1110", "1"), ("4100", "-1"))


class Batch(Background):
    """A batch that is under way; `outcome` waits for it: SQLSTATE and is_new of each entry."""

    def __init__(self, conn: psycopg.Connection, *entries: dict[str, Any]) -> None:
        super().__init__(conn, lambda: conn.execute(BATCH, [json.dumps(entries)]).fetchall())

    def outcome(self) -> list[tuple[Any, ...]]:
        assert self.result() is None
        return [row[3:] for row in self.value]


@pytest.fixture
def pause(
    session: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection
) -> Iterator[psycopg.Connection]:
    """Whoever gives an idempotency key back stops until `session` has unlocked 4711."""
    session.execute(
        """CREATE FUNCTION public.pause() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN OLD; END; $$;
        CREATE TRIGGER pause BEFORE DELETE ON ledger.idempotency_keys
        FOR EACH ROW EXECUTE FUNCTION public.pause();
        SELECT pg_advisory_lock(4711)"""
    )
    yield session
    session.execute("SELECT pg_advisory_unlock_all(); DROP FUNCTION public.pause() CASCADE")


@pytest.fixture
def drawers(session: psycopg.Connection, safe: str) -> tuple[str, str]:
    """Two accounts, whose balances are one row each, in the order in which they are locked."""
    for code in (f"{safe}-1", f"{safe}-2"):
        session.execute("SELECT ledger.create_account(%s, 'Drawer', 'ASSET')", [code])
    session.execute("UPDATE ledger.accounts SET balance_stripes = 1 WHERE code LIKE 'safe-%'")
    return f"{safe}-1", f"{safe}-2"


@pytest.mark.parametrize(
    ("close", "month"), [(CLOSE, "05"), (SOFT_CLOSE, "06")], ids=["close", "soft_close"]
)
def test_a_period_that_closes_meanwhile_costs_a_batch_only_the_entries_in_it(
    session: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    close: str,
    month: str,
) -> None:
    key = f"late-{month}"
    entries = [
        entry(*SALE, date=f"2026-{month}-04", idempotency_key=key),
        entry(*SALE, date="2026-07-04"),
        entry(*SALE, date=f"2026-{month}-05"),
        entry(*SALE, date=f"2026-{month}-06", status="DRAFT"),
        entry(*SALE, date=f"2026-{month}-04", idempotency_key=key),
    ]
    before = float(balance(session, "1110"))
    with session.transaction():
        session.execute(close, [f"2026-{month}"])
        batch = Batch(other, *entries)
        assert batch.waits(third)
    refused = ("ZL002", False)
    assert batch.outcome() == [refused, (None, True), refused, (None, True), refused]
    assert float(balance(session, "1110")) == before + 1
    session.execute(REOPEN, [f"2026-{month}"])
    assert Batch(other, entries[0]).outcome() == [(None, True)]
    assert offenders(session) == {}


def test_an_account_that_is_deactivated_meanwhile_costs_a_batch_only_the_entries_on_it(
    session: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection, safe: str
) -> None:
    with session.transaction():
        session.execute("SELECT ledger.deactivate_account(%s)", [safe])
        batch = Batch(other, entry(*SALE), entry((safe, "1"), ("4100", "-1")), entry(*SALE))
        assert batch.waits(third)
    assert batch.outcome() == [(None, True), ("ZL010", False), (None, True)]
    assert offenders(session) == {}


def test_a_limit_that_is_set_meanwhile_costs_a_batch_only_the_entries_that_break_it(
    session: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection, safe: str
) -> None:
    with session.transaction():
        limit(session, safe, minimum_balance=0)
        batch = Batch(
            other, entry((safe, "-200"), ("5100", "200")), entry((safe, "-1"), ("5100", "1"))
        )
        assert batch.waits(third)
    assert batch.outcome() == [("ZL030", False), (None, True)]
    assert head(session, safe) == ("99.0000", "0.0000", "0.0000", 1)
    assert offenders(session) == {}


def sent_back(safe: str, *others: dict[str, Any]) -> list[dict[str, Any]]:
    """A batch that a limit sends back, with the refused entry between the others."""
    refused = entry((safe, "-1000"), ("5100", "1000"), idempotency_key=f"refused by {safe}")
    return [others[0], refused, *others[1:]]


def test_a_batch_that_was_sent_back_locks_all_balances_before_it_goes_on(
    pause: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    safe: str,
    drawers: tuple[str, str],
) -> None:
    first, second = drawers
    limit(pause, safe, minimum_balance=0)
    batch = Batch(
        other,
        *sent_back(safe, entry((safe, "-1"), (second, "1")), entry((safe, "-1"), (first, "1"))),
    )
    assert batch.waits(pause)
    posting = Background(third, lambda: post(third, (first, "5"), (second, "-5")))
    assert posting.waits(pause)
    pause.execute("SELECT pg_advisory_unlock(4711)")
    assert batch.outcome() == [(None, True), ("ZL030", False), (None, True)]
    assert posting.result() is None
    assert [balance(pause, code) for code in (safe, first, second)] == [
        "98.0000", "6.0000", "-4.0000",
    ]  # fmt: skip
    assert offenders(pause) == {}


def test_a_batch_that_was_sent_back_locks_its_periods_before_its_heads(
    pause: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection, safe: str
) -> None:
    limit(pause, safe, minimum_balance=0)

    def go() -> None:
        with third.transaction():
            third.execute(SOFT_CLOSE, ["2026-09"])
            post(third, (safe, "1"), ("4100", "-1"))

    batch = Batch(
        other,
        *sent_back(
            safe,
            entry((safe, "-1"), ("5100", "1"), date="2026-08-01"),
            entry((safe, "-1"), ("5100", "1"), date="2026-09-01"),
        ),
    )
    assert batch.waits(pause)
    closing = Background(third, go)
    assert closing.waits(pause)
    pause.execute("SELECT pg_advisory_unlock(4711)")
    assert batch.outcome() == [(None, True), ("ZL030", False), (None, True)]
    assert closing.result() is None
    assert head(pause, safe)[0] == "99.0000"
    assert offenders(pause) == {}


def test_a_batch_that_was_sent_back_locks_all_budgets_before_it_goes_on(
    pause: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection, safe: str
) -> None:
    open_expenses(pause)
    plan(pause, ("5010", "900"), ("5210", "900"))
    limit(pause, safe, minimum_balance=0)
    lines = pause.execute(
        """SELECT a.code::text FROM ledger.budget_lines AS l
        JOIN ledger.accounts AS a ON a.id = l.account_id ORDER BY l.account_id"""
    ).fetchall()
    (first,), (second,) = lines
    # Balances are locked in the same order: other periods, so that only the budgets meet.
    batch = Batch(
        other,
        *sent_back(
            safe,
            entry((safe, "-1"), (second, "1"), date="2026-03-04"),
            entry((safe, "-1"), (first, "1"), date="2026-03-04"),
        ),
    )
    assert batch.waits(pause)
    posting = Background(
        third,
        lambda: post(third, (first, "5"), (second, "5"), ("4100", "-10"), date="2026-04-04"),
    )
    assert posting.waits(pause)
    pause.execute("SELECT pg_advisory_unlock(4711)")
    assert batch.outcome() == [(None, True), ("ZL030", False), (None, True)]
    assert posting.result() is None
    query = "SELECT actual::text FROM ledger.budget_status('MAIN', 'B')"
    assert pause.execute(query).fetchall() == [("6.0000",), ("6.0000",)]
    assert offenders(pause) == {}


def test_rows_that_a_batch_has_made_to_lock_them_do_not_stay_empty(
    session: psycopg.Connection, safe: str
) -> None:
    limit(session, safe, minimum_balance=0)
    batch = Batch(session, entry((safe, "-1000"), ("5100", "1000"), date="2026-11-01"))
    assert batch.outcome() == [("ZL030", False)]
    query = "SELECT count(*) FROM ledger.account_balances WHERE debit = 0 AND credit = 0"
    assert value(session, query) == 0
    assert offenders(session) == {}
