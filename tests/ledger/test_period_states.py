"""Periods open, soft-closed, closed and open again: who may, what is recorded, what is refused."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, draft, offenders, post
from tests.ledger.periods import (
    CLOSE,
    POST,
    REOPEN,
    SALE,
    SALE_JSON,
    SOFT_CLOSE,
    events,
    hold,
    settle,
    status,
)
from tests.pgtap import as_role, lives, throws, value

MAY = "ledger.post_soft_closed"


def test_a_closed_period_takes_nothing_until_it_is_reopened(
    db: psycopg.Connection, books: Books
) -> None:
    with as_role(db, "pgerp_app"):
        assert value(db, CLOSE, ["2026-03"]) == 0
        throws(db, "ZL002", POST, ["2026-03-04", SALE_JSON, "regular"])
        lives(db, POST, ["2026-04-01", SALE_JSON, "regular"], deferred=True)
        db.execute(REOPEN, ["2026-03"])
        lives(db, POST, ["2026-03-04", SALE_JSON, "regular"], deferred=True)
    assert offenders(db) == {}


def test_every_change_of_status_is_recorded_with_who_and_why(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute(SOFT_CLOSE, ["2026-03"])
    db.execute(CLOSE, ["2026-03"])
    db.execute("SELECT ledger.reopen_period('MAIN', '2026-03', 'One', 'soft_closed')")
    db.execute("SELECT ledger.reopen_period('MAIN', '2026-03', 'Two')")
    assert events(db, "2026-03") == [
        ("soft_closed", "open", "soft_closed", "alice", None, False),
        ("closed", "soft_closed", "closed", "alice", None, False),
        ("reopened", "closed", "soft_closed", "alice", "One", False),
        ("reopened", "soft_closed", "open", "alice", "Two", False),
    ]
    assert offenders(db) == {}


def test_changes_by_plain_update_are_recorded_too_and_reopening_needs_its_reason(
    db: psycopg.Connection, books: Books
) -> None:
    update = "UPDATE ledger.fiscal_periods SET status = %s WHERE business_id = 1 AND code = %s"
    db.execute(update, ["closed", "2026-03"])
    throws(db, "ZL027", update, ["open", "2026-03"])
    throws(db, "ZL027", update, ["soft_closed", "2026-03"])
    db.execute("SELECT set_config('pgerp.period_reason', 'By hand', true)")
    db.execute(update, ["soft_closed", "2026-03"])
    who = value(db, "SELECT session_user::text")
    assert events(db, "2026-03") == [
        ("closed", "open", "closed", who, None, False),
        ("reopened", "closed", "soft_closed", who, "By hand", False),
    ]
    db.execute("UPDATE ledger.fiscal_periods SET code = 'March' WHERE code = '2026-03'")
    assert len(events(db, "March")) == 2
    assert offenders(db) == {}


def test_a_period_that_is_born_closed_is_recorded(db: psycopg.Connection, books: Books) -> None:
    db.execute("UPDATE ledger.fiscal_periods SET ends_on = '2026-03-30' WHERE code = '2026-03'")
    db.execute(
        """INSERT INTO ledger.fiscal_periods
        (tenant_id, business_id, fiscal_year_id, code, starts_on, ends_on, status)
        SELECT tenant_id, business_id, fiscal_year_id, 'X', '2026-03-31', '2026-03-31', 'closed'
        FROM ledger.fiscal_periods WHERE business_id = 1 AND code = '2026-03'"""
    )
    assert [event[:3] for event in events(db, "X")] == [("closed", None, "closed")]


def test_a_reason_does_not_stick_to_the_next_change(db: psycopg.Connection, books: Books) -> None:
    db.execute(CLOSE, ["2026-03"])
    db.execute(REOPEN, ["2026-03"])
    db.execute(CLOSE, ["2026-03"])
    assert [event[4] for event in events(db, "2026-03")] == [None, "Late invoice", None]
    # Nor does one that the session has set itself.
    db.execute("SELECT set_config('pgerp.period_reason', 'left over', true)")
    db.execute(CLOSE, ["2026-04"])
    assert [event[4] for event in events(db, "2026-04")] == [None]


def test_closing_counts_the_drafts_that_are_left_and_no_others(
    db: psycopg.Connection, books: Books
) -> None:
    sketches = [draft(db, *SALE) for _ in range(3)]
    db.execute("SELECT ledger.void_journal_entry(%s, 'why')", [sketches[0]])
    db.execute("SELECT ledger.post_journal_entry(%s)", [sketches[1]])
    draft(db, *SALE, date="2026-04-01")
    assert value(db, CLOSE, ["2026-03"]) == 1


@pytest.mark.parametrize(
    ("sqlstate", "call"),
    [
        ("ZL004", "close_period('MAIN', '2026-01')"),
        ("ZL004", "soft_close_period('MAIN', '2026-01')"),
        ("ZL004", "soft_close_period('MAIN', '2026-02')"),
        ("ZL041", "reopen_period('MAIN', '2026-03', 'x')"),
        ("ZL041", "reopen_period('MAIN', '2026-02', 'x', 'soft_closed')"),
        ("ZL027", "reopen_period('MAIN', '2026-01', NULL)"),
        ("ZL027", "reopen_period('MAIN', '2026-01', '  ')"),
        ("22023", "reopen_period('MAIN', '2026-01', 'x', 'closed')"),
        ("22023", "reopen_period('MAIN', '2026-01', 'x', NULL)"),
        ("ZL040", "close_period('MAIN', '2031-01')"),
        ("ZL040", "close_period('MAIN', NULL)"),
        ("ZL040", "soft_close_period('MAIN', '')"),
        ("ZL040", "reopen_period('MAIN', 'none', 'x')"),
        ("ZL044", "close_period('MAIN', '2026-CL')"),
        ("ZL044", "soft_close_period('MAIN', '2026-CL')"),
        ("ZL044", "reopen_period('MAIN', '2026-CL', 'x')"),
        ("ZI005", "close_period('NONE', '2026-01')"),
        ("ZI004", "close_period('MAIN', '2026-03', 0)"),
    ],
)
def test_calls_that_make_no_sense_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, call: str
) -> None:
    db.execute(CLOSE, ["2026-01"])
    db.execute(SOFT_CLOSE, ["2026-02"])
    throws(db, sqlstate, f"SELECT ledger.{call}")


def test_a_token_closes_periods_of_its_businesses_only(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', '{2}'), true)",
        [books.tenant_id],
    )
    throws(db, "ZI006", CLOSE, ["2026-03"])
    lives(db, "SELECT ledger.close_period('SIDE', '2026-03')")
    assert status(db, "2026-03", "SIDE") == "closed"


def test_periods_close_in_any_order_and_several_are_open_again_at_once(
    db: psycopg.Connection, books: Books
) -> None:
    for code in ("2026-05", "2026-02", "2026-13", "2026-04"):
        db.execute(CLOSE, [code])
    for code in ("2026-02", "2026-05"):
        db.execute(REOPEN, [code])
    found = [status(db, code) for code in ("2026-02", "2026-04", "2026-05", "2026-13")]
    assert found == ["open", "closed", "open", "closed"]
    assert offenders(db) == {}


def test_a_draft_left_in_a_closed_period_can_only_move_or_be_voided(
    db: psycopg.Connection, books: Books
) -> None:
    make = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')"
    one, two = (value(db, make, [SALE_JSON]) for _ in range(2))
    assert value(db, CLOSE, ["2026-03"]) == 2
    throws(db, "ZL002", "SELECT ledger.post_journal_entry(%s)", [one])
    lives(db, "SELECT ledger.void_journal_entry(%s, 'Obsolete')", [two], deferred=True)
    db.execute("SELECT ledger.change_draft(%s, '2026-04-01')", [one])
    lives(db, "SELECT ledger.post_journal_entry(%s)", [one], deferred=True)
    assert offenders(db) == {}


def test_who_lacks_the_permission_does_not_post_into_a_soft_closed_period(
    db: psycopg.Connection, books: Books
) -> None:
    draft = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')"
    entry_id = value(db, draft, [SALE_JSON])
    db.execute(SOFT_CLOSE, ["2026-03"])
    for permissions in ([], ["ledger.post_as.billing"], ["ledger.post"]):
        hold(db, books.tenant_id, *permissions)
        throws(db, "ZL002", POST, ["2026-03-04", SALE_JSON, "regular"])
        throws(db, "ZL002", "SELECT ledger.post_journal_entry(%s)", [entry_id])
    assert len(events(db, "2026-03")) == 1


@pytest.mark.parametrize("permission", [MAY, "*"])
def test_who_has_the_permission_posts_into_a_soft_closed_period_and_is_recorded(
    db: psycopg.Connection, books: Books, permission: str
) -> None:
    draft = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')"
    drafted = value(db, draft, [SALE_JSON])
    db.execute(SOFT_CLOSE, ["2026-03"])
    hold(db, books.tenant_id, permission)
    with as_role(db, "pgerp_app"):
        posted = post(db, *SALE, date="2026-03-09")
        db.execute("SELECT ledger.post_journal_entry(%s)", [drafted])
        entry = {"business": "MAIN", "date": "2026-03-05", "description": "x"}
        batch = json.dumps([entry | {"lines": json.loads(SALE_JSON)}])
        (batched,) = db.execute(
            "SELECT entry_id FROM ledger.create_journal_entries(%s)", [batch]
        ).fetchone() or (None,)
    settle(db)
    found = db.execute(
        "SELECT entry_id, created_by FROM ledger.period_events WHERE action = 'posted' ORDER BY id"
    ).fetchall()
    assert found == [(posted, "carol"), (drafted, "carol"), (batched, "carol")]
    db.execute(CLOSE, ["2026-03"])
    throws(db, "ZL002", POST, ["2026-03-04", SALE_JSON, "regular"])
    assert offenders(db) == {}


def test_a_bad_entry_leaves_no_trace_of_its_posting_into_a_soft_closed_period(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute(SOFT_CLOSE, ["2026-03"])
    hold(db, books.tenant_id, MAY)
    throws(db, "ZL001", POST, ["2026-03-04", as_json(("1110", "1"), ("4100", "-2")), "regular"])
    assert len(events(db, "2026-03")) == 1


INSERT = """INSERT INTO ledger.journal_entries
(tenant_id, business_id, entry_date, status, description)
SELECT b.tenant_id, b.id, '2026-03-04', 'POSTED', 'dml' FROM identity.businesses AS b
WHERE b.tenant_id = %s AND b.code = 'MAIN'"""


@pytest.mark.parametrize("whose", ["none", "other tenant", "other business", "no permission"])
def test_dml_into_a_soft_closed_period_needs_a_token_that_may(
    db: psycopg.Connection, books: Books, whose: str
) -> None:
    db.execute(SOFT_CLOSE, ["2026-03"])
    other = value(db, "SELECT identity.create_tenant('Other')")
    given: Any = {
        "other tenant": [other, None, ["*"]],
        "other business": [books.tenant_id, [2], ["*"]],
        "no permission": [books.tenant_id, None, None],
    }
    issue = "SELECT identity.issue_token(%s, 'x', %s, '1 hour', %s)"
    token = "" if whose == "none" else value(db, issue, given[whose])
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
    throws(db, "ZL002", INSERT, [books.tenant_id])


@pytest.mark.parametrize("table", ["period_events", "journal_numbers"])
def test_what_was_recorded_never_changes_and_never_goes(
    db: psycopg.Connection, books: Books, table: str
) -> None:
    post(db, *SALE)
    settle(db)
    db.execute(CLOSE, ["2026-03"])
    throws(db, "ZL045", f"UPDATE ledger.{table} SET created_at = now()")
    throws(db, "ZL045", f"DELETE FROM ledger.{table}")
    throws(db, "ZL006", f"TRUNCATE ledger.{table}")
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        with as_role(db, role):
            assert value(db, f"SELECT count(*) FROM ledger.{table}") == 1
            throws(db, "42501", f"DELETE FROM ledger.{table}")
            throws(db, "42501", f"INSERT INTO ledger.{table} SELECT * FROM ledger.{table}")


@pytest.mark.parametrize(
    "change",
    [
        "ends_on = '2026-12-30', starts_on = '2026-12-30' WHERE code = '2026-13'",
        "starts_on = '2026-12-30' WHERE code = '2026-CL'",
        "kind = 'adjusting' WHERE code = '2026-11'",
        "kind = 'regular' WHERE code = '2026-13'",
    ],
)
def test_adjusting_and_closing_periods_are_the_last_day_of_their_year(
    db: psycopg.Connection, books: Books, change: str
) -> None:
    throws(db, "ZL013", f"UPDATE ledger.fiscal_periods SET {change}")


def test_a_year_with_its_special_periods_keeps_its_last_day(
    db: psycopg.Connection, books: Books
) -> None:
    longer = "UPDATE ledger.fiscal_years SET ends_on = '2027-01-31'"
    throws(db, "ZL013", longer)
    db.execute("DELETE FROM ledger.fiscal_periods WHERE kind <> 'regular'")
    lives(db, longer)


def test_the_kind_of_a_period_with_entries_is_fixed(db: psycopg.Connection, books: Books) -> None:
    lives(db, POST, ["2026-12-31", SALE_JSON, "adjusting"], deferred=True)
    change = "UPDATE ledger.fiscal_periods SET kind = 'closing' WHERE code = %s AND business_id = 1"
    throws(db, "ZL018", change, ["2026-13"])
