"""Drafts through the API: edited line by line, posted, abandoned."""

from __future__ import annotations

import json

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, balance, draft, post, settle
from tests.pgtap import results_eq, throws, value

SALE = (("1110", "100"), ("4100", "-100"))
VOID = "SELECT ledger.void_journal_entry(%s, %s)"
POST = "SELECT ledger.post_journal_entry(%s)"
CLOSE = "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = %s"


def test_a_draft_is_edited_line_by_line_and_then_posted(
    db: psycopg.Connection, books: Books
) -> None:
    entry = draft(db)
    add = "SELECT ledger.add_journal_line(%s, %s)"
    assert value(db, add, [entry, '{"account": "1110", "debit": "70"}']) == 1
    assert value(db, add, [entry, '{"account": "5100", "debit": "1", "department": "D1"}']) == 2
    assert value(db, add, [entry, '{"account": "4100", "credit": "100"}']) == 3
    throws(db, "ZL001", POST, [entry])
    db.execute(
        "SELECT ledger.change_journal_line(%s, 1, %s)",
        [entry, '{"account": "1120", "debit": "100", "due_date": "2026-04-01"}'],
    )
    db.execute("SELECT ledger.remove_journal_line(%s, 2)", [entry])
    db.execute("SELECT ledger.change_draft(%s, '2026-05-06', NULL, 'R-1')", [entry])
    assert balance(db, "1120") == "0"
    db.execute(POST, [entry])
    assert balance(db, "1120") == "100.0000"
    results_eq(
        db,
        """SELECT line_no, amount, entry_date::text, due_date::text FROM ledger.journal_lines
        WHERE entry_id = %s ORDER BY 1""",
        [(1, 100, "2026-05-06", "2026-04-01"), (3, -100, "2026-05-06", None)],
        [entry],
    )
    settle(db)


@pytest.mark.parametrize(
    ("line", "sqlstate"),
    [
        ({"account": "9999", "debit": "1"}, "ZL007"),
        ({"account": "1000", "debit": "1"}, "ZL009"),
        ({"account": "1130", "debit": "1"}, "ZL012"),
        ({"account": "1110", "debit": "0"}, "ZL011"),
        ({"account": "1110", "debit": "0.00005"}, "ZL011"),
        ({"account": "1110", "debit": "1", "currency": "EUR"}, "ZL014"),
        ({"account": "1110", "debit": "1", "department": " D1"}, "ZL015"),
        ({"account": "1110", "debit": "1", "counterparty": ""}, "ZL015"),
        ({"account": "1110", "debit": "1", "due_date": "2026-02-30"}, "ZL015"),
        ({"account": "1110", "debit": "1", "colour": "red"}, "ZL015"),
        (["1110", "1"], "ZL015"),
    ],
)
def test_a_bad_line_does_not_enter_a_draft(
    db: psycopg.Connection, books: Books, line: object, sqlstate: str
) -> None:
    entry = draft(db, ("1110", "5"))
    given = json.dumps(line)
    throws(db, sqlstate, "SELECT ledger.add_journal_line(%s, %s)", [entry, given])
    throws(db, sqlstate, "SELECT ledger.change_journal_line(%s, 1, %s)", [entry, given])
    results_eq(db, "SELECT amount FROM ledger.journal_lines WHERE entry_id = %s", [(5,)], [entry])


def test_what_a_draft_does_not_have_is_neither_changed_nor_removed(
    db: psycopg.Connection, books: Books
) -> None:
    entry = draft(db, *SALE)
    good = '{"account": "1110", "debit": "1"}'
    throws(db, "ZL028", "SELECT ledger.change_journal_line(%s, 9, %s)", [entry, good])
    throws(db, "ZL028", "SELECT ledger.remove_journal_line(%s, 9)", [entry])
    throws(db, "ZL003", "SELECT ledger.change_draft(%s, '2031-01-01')", [entry])


@pytest.mark.parametrize(
    "call",
    [
        'ledger.add_journal_line(%(id)s, \'{"account": "1110", "debit": "1"}\')',
        'ledger.change_journal_line(%(id)s, 1, \'{"account": "1110", "debit": "1"}\')',
        "ledger.remove_journal_line(%(id)s, 1)",
        "ledger.change_draft(%(id)s, '2026-05-05')",
        "ledger.post_journal_entry(%(id)s)",
    ],
)
def test_only_a_draft_is_edited_or_posted(db: psycopg.Connection, books: Books, call: str) -> None:
    posted, voided = post(db, *SALE), draft(db, *SALE)
    db.execute(VOID, [voided, "Never mind"])
    for entry in (posted, voided):
        throws(db, "ZL022", f"SELECT {call}", {"id": entry})
    throws(db, "ZL026", f"SELECT {call}", {"id": "01a1f8bc-0000-7000-8000-000000000001"})


def test_a_voided_draft_is_abandoned_with_its_reason_and_its_lines(
    db: psycopg.Connection, books: Books
) -> None:
    entry = draft(db, ("1110", "5"))
    db.execute(VOID, [entry, "Never mind"])
    results_eq(
        db,
        """SELECT e.status::text, e.posted_at, e.void_reason, l.amount
        FROM ledger.journal_entries AS e
        INNER JOIN ledger.journal_lines AS l ON l.entry_id = e.id WHERE e.id = %s""",
        [("VOIDED", None, "Never mind", 5)],
        [entry],
    )
    throws(db, "ZL023", VOID, [entry, "Again"])
    throws(db, "ZL006", "DELETE FROM ledger.journal_entries WHERE id = %s", [entry])
    throws(db, "ZL006", "UPDATE ledger.journal_entries SET status = 'DRAFT' WHERE id = %s", [entry])
    settle(db)


def test_a_draft_in_a_closed_period_can_be_voided_or_moved_but_not_posted(
    db: psycopg.Connection, books: Books
) -> None:
    one, other = draft(db, *SALE), draft(db, *SALE)
    db.execute(CLOSE, ["2026-03"])
    throws(db, "ZL002", POST, [one])
    db.execute("SELECT ledger.change_draft(%s, '2026-04-01')", [one])
    db.execute(POST, [one])
    db.execute(VOID, [other, "Too late"])
    settle(db)


def test_who_posts_a_draft_that_somebody_is_posting_waits_and_is_told(
    committed_url: str, session: psycopg.Connection
) -> None:
    entry = draft(session, *SALE)
    with connect(committed_url) as first, connect(committed_url) as second:
        for conn in (first, second):
            conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1, 'bob'), false)")
        first.execute("BEGIN")
        first.execute(POST, [entry])
        waiting = Background(second, lambda: second.execute(POST, [entry]))
        assert waiting.waits(session)
        first.execute("COMMIT")
        assert waiting.result() == "ZL022"
