"""Whoever waits for one lock holds none that comes after it: see "The order of locks".

Each test holds the first of two rows that a call locks. When it waits for that one, the second must
still be free, whatever the order in which the request names them.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import Line, as_json, draft, post
from tests.ledger.budgets import plan
from tests.ledger.foreign import item, open_foreign_accounts, set_rate
from tests.ledger.limits import head, limit
from tests.ledger.periods import CLOSE_YEAR, REOPEN_YEAR, retain
from tests.ledger.test_batches import entry
from tests.ledger.test_concurrency import session_on
from tests.pgtap import value

PERIOD = "ledger.fiscal_periods WHERE code = %s AND business_id = 1"
ACCOUNT = "ledger.accounts WHERE code = %s"
HEAD = "ledger.account_heads WHERE account_id = (SELECT id FROM ledger.accounts WHERE code = %s)"
ENTRY = "ledger.journal_entries WHERE id = %s"


@pytest.fixture(scope="module", autouse=True)
def years(committed_url: str) -> None:
    """Of two years the later one was made first, so that its periods are locked first."""
    with session_on(committed_url) as conn:
        retain(conn)
        open_foreign_accounts(conn)
        conn.execute("SELECT ledger.create_fiscal_year('MAIN', '2025-01-01')")


def lock(conn: psycopg.Connection, what: tuple[str, Any]) -> bool:
    """Lock a row as those do who change it; tell whether it was free."""
    try:
        with conn.transaction():
            conn.execute(f"SELECT FROM {what[0]} FOR UPDATE NOWAIT", [what[1]])  # type: ignore[arg-type]
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def leaves_free(
    session: psycopg.Connection,
    other: psycopg.Connection,
    call: tuple[str, list[Any]],
    first: tuple[str, Any],
    second: tuple[str, Any],
) -> str | None:
    """The call waits for the first and holds the second not yet; then it ends as it does."""
    with session.transaction():
        assert lock(session, first)
        calling = Background(other, lambda: other.execute(*call))  # type: ignore[arg-type]
        assert calling.waits(session)
        assert lock(session, second)
    return calling.result()


def sorted_accounts(conn: psycopg.Connection) -> tuple[str, str]:
    """Two accounts in the order of their ids."""
    rows = conn.execute(
        "SELECT code::text FROM ledger.accounts WHERE code IN ('1110', '4100') ORDER BY id"
    ).fetchall()
    return rows[0][0], rows[1][0]


@pytest.mark.parametrize("status", ["open", "soft_closed"])
def test_a_batch_locks_its_periods_in_their_order(
    session: psycopg.Connection, other: psycopg.Connection, status: str
) -> None:
    first, second = (f"2026-{month}" for month in ("02", "03"))
    batch = [entry(("1110", "1"), ("4100", "-1"), date=f"{c}-01") for c in (second, first)]
    query = "SELECT count(*) FROM ledger.create_journal_entries(%s, 'skip_bad')"
    reopen = "SELECT ledger.reopen_period('MAIN', %s, 'x')"
    if status != "open":
        session.execute("SELECT ledger.soft_close_period('MAIN', %s)", [first])
        other.execute(
            """SELECT set_config('pgerp.token', identity.issue_token(
                1, 'carol', NULL, '1 day', '{ledger.*,ledger.post_soft_closed}'), false)"""
        )
    call = (query, [json.dumps(batch)])
    assert leaves_free(session, other, call, (PERIOD, first), (PERIOD, second)) is None
    if status != "open":
        session.execute(reopen, [first])


def test_a_revaluation_locks_its_periods_in_their_order(
    session: psycopg.Connection, other: psycopg.Connection
) -> None:
    set_rate(session, "2025-06-01", "1.1")
    item(session, "100", rate="1", date="2025-06-01")
    call = ("SELECT ledger.revalue('MAIN', '2025-12-31')", [])
    rows = ((PERIOD, "2026-01"), (PERIOD, "2025-12"))
    assert leaves_free(session, other, call, *rows) is None


def test_matching_the_oldest_locks_the_periods_of_its_gains_in_their_order(
    session: psycopg.Connection, other: psycopg.Connection
) -> None:
    for amount, rate, day in (
        ("10", "1.1", "2025-07-01"), ("-10", "1.2", "2025-08-01"),
        ("20", "1.1", "2026-07-01"), ("-20", "1.2", "2026-08-01"),
    ):  # fmt: skip
        item(session, amount, rate=rate, date=day, counterparty="ACME")
    call = ("SELECT ledger.match_oldest('MAIN', '1200', 'ACME')", [])
    rows = ((PERIOD, "2026-08"), (PERIOD, "2025-08"))
    assert leaves_free(session, other, call, *rows) is None


@pytest.mark.parametrize("way", ["single", "batch", "reversal"])
def test_lines_lock_their_accounts_in_the_order_of_the_accounts(
    session: psycopg.Connection, other: psycopg.Connection, way: str
) -> None:
    first, second = sorted_accounts(session)
    lines: tuple[Line, Line] = ((second, "1"), (first, "-1"))
    if way == "batch":
        query = "SELECT count(*) FROM ledger.create_journal_entries(%s)"
        call = (query, [json.dumps([entry(*lines)])])
    elif way == "single":
        query = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"
        call = (query, [as_json(*lines)])
    else:
        call = ("SELECT ledger.reverse_journal_entry(%s, 'x')", [post(session, *lines)])
    assert leaves_free(session, other, call, (ACCOUNT, first), (ACCOUNT, second)) is None


def test_a_draft_that_expects_versions_locks_its_period_before_heads(
    session: psycopg.Connection, other: psycopg.Connection, safe: str
) -> None:
    limit(session, safe, keeps_version=True)
    made = draft(session, (safe, "1"), ("4100", "-1"))
    version = head(session, safe)[3]
    call = ("SELECT ledger.post_journal_entry(%s, %s)", [made, json.dumps({safe: version})])
    assert leaves_free(session, other, call, (PERIOD, "2026-03"), (HEAD, safe)) is None


@pytest.mark.parametrize("before", ["period", "account"])
def test_an_entry_that_expects_versions_locks_its_period_and_accounts_before_heads(
    session: psycopg.Connection, other: psycopg.Connection, safe: str, before: str
) -> None:
    limit(session, safe, keeps_version=True)
    post(session, (safe, "1"), ("4100", "-1"))
    query = (
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s,"
        " p_expected_versions => %s)"
    )
    versions = json.dumps({safe: head(session, safe)[3]})
    call = (query, [as_json((safe, "1"), ("4100", "-1")), versions])
    first = (PERIOD, "2026-03") if before == "period" else (ACCOUNT, "4100")
    assert leaves_free(session, other, call, first, (HEAD, safe)) is None


def test_closing_a_budget_waits_for_other_budgets_before_it_locks_accounts(
    session: psycopg.Connection, other: psycopg.Connection
) -> None:
    plan(session, ("5100", "900"), code="Locks")
    call = ("SELECT ledger.close_budget('Locks')", [])
    rows = (("identity.tenants WHERE id = %s", 1), (ACCOUNT, "5100"))
    assert leaves_free(session, other, call, *rows) is None


def test_reopening_a_year_locks_its_closing_entry_before_its_periods(
    session: psycopg.Connection, other: psycopg.Connection
) -> None:
    post(session, ("1110", "1"), ("4100", "-1"), date="2025-03-04")
    closing = value(session, CLOSE_YEAR, ["2025"])
    call = (REOPEN_YEAR, ["2025"])
    assert leaves_free(session, other, call, (ENTRY, closing), (PERIOD, "2025-CL")) is None
