"""What a budget does to postings that exceed it, on every path, and that accounts are watched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.errors import Diagnostic

from tests.ledger.books import Books, as_json, offenders, post
from tests.ledger.budgets import SPEND, open_expenses, plan, planned, spend, spending, status
from tests.pgtap import is_empty, lives, results_eq, throws, value


@pytest.fixture(autouse=True)
def expenses(db: psycopg.Connection, books: Books) -> Books:
    open_expenses(db)
    return books


@pytest.fixture(autouse=True)
def sound(db: psycopg.Connection, expenses: Books) -> Iterator[None]:
    """After each test every invariant holds."""
    yield
    assert offenders(db) == {}


def notices(db: psycopg.Connection) -> list[str | None]:
    """Collect the SQLSTATEs of the notices that follow."""
    found: list[str | None] = []

    def add(diagnostic: Diagnostic) -> None:
        found.append(diagnostic.sqlstate)

    db.add_notice_handler(add)
    return found


def watched(db: psycopg.Connection) -> set[str]:
    query = "SELECT code FROM ledger.accounts WHERE is_watched AND tenant_id = %s"
    tenant = value(db, "SELECT identity.current_tenant()")
    return {row[0] for row in db.execute(query, [tenant]).fetchall()}


def test_stop_refuses_the_posting_that_exceeds_and_takes_the_one_that_fills(
    db: psycopg.Connection,
) -> None:
    plan(db, ("5010", "100"))
    spend(db, "5010", "60")
    throws(db, "ZF001", SPEND, spending("5010", "40.0001"))
    spend(db, "5010", "40")
    throws(db, "ZF001", SPEND, spending("5010", "0.0001"))
    assert status(db)[0][3:] == ("100.0000", "0.0000", "100.00", "active")


def test_the_refusal_names_budget_account_period_and_figures(db: psycopg.Connection) -> None:
    plan(db, ("5000", "10", 2), interval="quarter", department="IT", code="TRIPS")
    error = throws(db, "ZF001", SPEND, spending("5210", "12.5", date="2026-05-05", department="IT"))
    assert error.diag.message_primary and error.diag.message_detail
    assert "TRIPS" in error.diag.message_primary
    for part in ("5000", "IT", "2026-04-01", "2026-06-30", "10.0000", "12.5000"):
        assert part in error.diag.message_detail
    assert "2.5000" in error.diag.message_primary


def test_ignore_says_nothing_and_costs_nothing(db: psycopg.Connection) -> None:
    plan(db, ("5010", "1"), policy="ignore")
    said = notices(db)
    spend(db, "5010", "50")
    assert said == []
    assert watched(db) == set()
    is_empty(db, "SELECT FROM ledger.budget_warnings")
    is_empty(db, "SELECT FROM ledger.budget_heads")


def test_warn_posts_records_and_gives_a_warning(db: psycopg.Connection) -> None:
    plan(db, ("5000", "100", 3), interval="month", policy="warn")
    said = notices(db)
    spend(db, "5010", "100")
    assert said == []
    entry_id = spend(db, "5220", "30")
    assert said == ["ZF002"]
    results_eq(
        db,
        """SELECT b.code, w.revision_no, a.code, w.starts_on::text, w.entry_id, w.added::text,
            w.budgeted::text, w.actual::text, w.created_by, w.created_at = now()
        FROM ledger.budget_warnings AS w
        JOIN ledger.budgets AS b ON b.tenant_id = w.tenant_id AND b.id = w.budget_id
        JOIN ledger.accounts AS a ON a.tenant_id = w.tenant_id AND a.id = w.account_id""",
        [("B", 1, "5000", "2026-03-01", entry_id, "30.0000", "100.0000", "130.0000", "alice",
          True)],
    )  # fmt: skip
    assert status(db)[0][6] == "exceeded"


def test_what_lowers_the_actual_passes_although_the_budget_stays_exceeded(
    db: psycopg.Connection,
) -> None:
    entry_id = spend(db, "5010", "300")
    small_id = spend(db, "5010", "20")
    plan(db, ("5010", "100"))
    throws(db, "ZF001", SPEND, spending("5010", "0.01"))
    spend(db, "5010", "-50")
    db.execute("SELECT ledger.reverse_journal_entry(%s, 'Wrong')", [small_id])
    assert status(db)[0][3] == "250.0000"
    throws(db, "ZF001", SPEND, spending("5010", "0.01"))
    db.execute("SELECT ledger.reverse_journal_entry(%s, 'Wrong')", [entry_id])
    assert status(db)[0][3] == "-50.0000"
    spend(db, "5010", "150")


def test_an_entry_that_moves_cost_within_a_line_passes(db: psycopg.Connection) -> None:
    plan(db, ("5000", "100"))
    spend(db, "5010", "100")
    post(db, ("5210", "100"), ("5010", "-100"))
    throws(
        db,
        "ZF001",
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
        [as_json(("5210", "10"), ("5010", "-9"), ("1110", "-1"))],
    )


def test_other_departments_businesses_and_parts_of_the_year_are_free(
    db: psycopg.Connection,
) -> None:
    plan(db, ("5010", "10", 1), interval="quarter", department="IT")
    throws(db, "ZF001", SPEND, spending("5010", "11", department="IT"))
    spend(db, "5010", "11", department="HR")
    spend(db, "5010", "11")
    spend(db, "5010", "11", department="IT", date="2026-04-01")
    spend(db, "5010", "11", department="IT", business="SIDE")


def test_an_exceeded_budget_stops_nobody_else(db: psycopg.Connection) -> None:
    spend(db, "5010", "50", department="IT", date="2026-03-01")
    plan(db, ("5010", "10"), interval="quarter", department="IT")
    throws(db, "ZF001", SPEND, spending("5010", "1", department="IT"))
    spend(db, "5010", "1", department="HR")
    spend(db, "5010", "1")
    spend(db, "5010", "1", department="IT", business="SIDE")
    spend(db, "5010", "1", department="IT", date="2026-04-01")


def test_several_budgets_of_an_account_all_hold(db: psycopg.Connection) -> None:
    plan(db, ("5000", "100"), code="ALL")
    plan(db, ("5010", "30"), code="IT", department="IT")
    plan(db, ("5010", "10"), code="SOFT", policy="warn")
    said = notices(db)
    spend(db, "5010", "25", department="IT")
    assert said == ["ZF002"]
    throws(db, "ZF001", SPEND, spending("5010", "6", department="IT"))
    spend(db, "5010", "75")
    throws(db, "ZF001", SPEND, spending("5210", "1"))
    is_empty(db, "SELECT FROM ledger.budget_warnings WHERE added = 6")


def batch(*spendings: list[Any]) -> str:
    return json.dumps(
        [
            {"business": b, "date": d, "description": "x", "lines": json.loads(lines), "status": s}
            for b, d, lines, s in spendings
        ]
    )


def test_a_batch_is_judged_as_a_whole(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100"))
    call = "SELECT count(*) FROM ledger.create_journal_entries(%s)"
    throws(db, "ZF001", call, [batch(spending("5010", "60"), spending("5010", "60"))])
    assert status(db)[0][3] == "0"
    lives(db, call, [batch(spending("5010", "160"), spending("5010", "-60"))])
    assert status(db)[0][3] == "100.0000"


def test_a_draft_is_judged_when_it_is_posted(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100"))
    entry_id = spend(db, "5010", "101", status="DRAFT")
    throws(db, "ZF001", "SELECT ledger.post_journal_entry(%s)", [entry_id])
    update = "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s"
    throws(db, "ZF001", update, [entry_id])


def test_lines_that_are_inserted_by_hand_are_judged(db: psycopg.Connection, books: Books) -> None:
    plan(db, ("5010", "100"))
    spend(db, "5010", "90")
    insert = """WITH e AS (
            INSERT INTO ledger.journal_entries
                (tenant_id, business_id, entry_date, status, description)
            VALUES (%(tenant)s, %(business)s, '2026-03-04', 'POSTED', 'x') RETURNING id)
        SELECT id FROM e"""
    lines = """INSERT INTO ledger.journal_lines
            (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
        SELECT a.tenant_id, %(entry)s, f.n, a.id, %(business)s, '2026-03-04', f.amount
        FROM (VALUES ('5010', 1, 11), ('2110', 2, -11)) AS f (code, n, amount)
        JOIN ledger.accounts AS a ON a.tenant_id = %(tenant)s AND a.code = f.code"""
    keys: dict[str, Any] = {"tenant": books.tenant_id, "business": books.business_id}
    with db.transaction(force_rollback=True):
        keys["entry"] = value(db, insert, keys)
        throws(db, "ZF001", lines, keys)


def test_accounts_under_a_budget_that_judges_are_watched_and_others_not(
    db: psycopg.Connection,
) -> None:
    below = {"5200", "5210", "5220"}
    plan(db, ("5200", "1"), policy="ignore")
    assert watched(db) == set()
    for policy, expected in (("warn", below), ("stop", below), ("ignore", set()), ("stop", below)):
        db.execute("SELECT ledger.set_budget_policy('B', %s)", [policy])
        assert watched(db) == expected
    db.execute("SELECT ledger.close_budget('B')")
    assert watched(db) == set()
    db.execute("SELECT ledger.reopen_budget('B')")
    assert watched(db) == below
    db.execute("SELECT ledger.revise_budget('B', %s, 'x')", [planned(("5010", "1"))])
    assert watched(db) == {"5010"}
    plan(db, ("5000", "1"), code="C", policy="warn")
    assert watched(db) == below | {"5000", "5010"}


def test_an_account_made_or_moved_under_a_budgeted_one_is_judged(db: psycopg.Connection) -> None:
    plan(db, ("5200", "10"))
    db.execute("SELECT ledger.create_account('5230', 'New', 'EXPENSE', '5200')")
    throws(db, "ZF001", SPEND, spending("5230", "11"))
    spend(db, "5010", "15")
    move = """UPDATE ledger.accounts SET parent_id =
        (SELECT id FROM ledger.accounts AS p WHERE p.code = %s AND p.tenant_id = a.tenant_id)
        FROM (SELECT identity.current_tenant() AS id) AS t
        WHERE a.tenant_id = t.id AND a.code = %s"""
    move = move.replace("UPDATE ledger.accounts", "UPDATE ledger.accounts AS a")
    db.execute(move, ["5200", "5010"])
    assert status(db)[0][3] == "15.0000"
    throws(db, "ZF001", SPEND, spending("5010", "1"))
    assert offenders(db) == {}
    db.execute(move, ["5000", "5010"])
    assert watched(db) == {"5200", "5210", "5220", "5230"}
    spend(db, "5010", "1")
    plan(db, ("5010", "1000"), ("5200", "1000"), code="BOTH")
    throws(db, "ZF005", move, ["5200", "5010"])


def test_a_branch_that_moves_takes_all_below_it_along(db: psycopg.Connection) -> None:
    plan(db, ("5100", "10"))
    move = """UPDATE ledger.accounts AS a SET parent_id = p.id FROM ledger.accounts AS p
        WHERE p.tenant_id = identity.current_tenant() AND p.code = %s
        AND a.tenant_id = p.tenant_id AND a.code = '5200'"""
    db.execute(move, ["5100"])
    assert watched(db) == {"5100", "5200", "5210", "5220"}
    throws(db, "ZF001", SPEND, spending("5220", "11"))
    db.execute(move, ["5000"])
    assert watched(db) == {"5100"}


def test_a_revision_below_what_was_spent_stops_at_once(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100"))
    spend(db, "5010", "80")
    db.execute("SELECT ledger.revise_budget('B', %s, 'Cut')", [planned(("5010", "50"))])
    throws(db, "ZF001", SPEND, spending("5010", "1"))
    assert status(db)[0][6] == "exceeded"
    db.execute("SELECT ledger.revise_budget('B', %s, 'Raised')", [planned(("5010", "90"))])
    spend(db, "5010", "10")
