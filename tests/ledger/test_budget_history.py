"""What was planned, revised and warned of stays as it was, whoever writes to the tables."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.ledger.budgets import SPEND, open_expenses, plan, spend, spending
from tests.ledger.limits import hold
from tests.pgtap import throws


@pytest.fixture(autouse=True)
def expenses(db: psycopg.Connection, books: Books) -> Books:
    open_expenses(db)
    return books


GUARDED = [
    ("ZF006", "UPDATE ledger.budget_lines SET amount = 1"),
    ("ZF006", "UPDATE ledger.budget_lines SET revision_no = 2"),
    ("ZF006", "DELETE FROM ledger.budget_lines"),
    ("ZF006", """INSERT INTO ledger.budget_lines
        SELECT l.tenant_id, budget_id, revision_no, a.id, starts_on, ends_on, 1, l.business_id
        FROM ledger.budget_lines AS l JOIN ledger.accounts AS a
        ON a.tenant_id = l.tenant_id AND a.code = '5220'"""),
    ("ZF006", "UPDATE ledger.budget_revisions SET reason = 'x'"),
    ("ZF006", "DELETE FROM ledger.budget_revisions"),
    ("ZF006", """INSERT INTO ledger.budget_revisions
        (tenant_id, budget_id, business_id, revision_no, reason)
        SELECT tenant_id, id, business_id, 3, 'x' FROM ledger.budgets"""),
    ("ZF006", "DELETE FROM ledger.budgets"),
    ("ZF006", "UPDATE ledger.budgets SET department_code = 'X'"),
    ("ZF006", "UPDATE ledger.budgets SET bucket_interval = 'month'"),
    ("ZF006", "UPDATE ledger.budgets SET current_revision = 0"),
    ("ZF006", "UPDATE ledger.budgets SET current_revision = 3"),
    ("ZF005", "UPDATE ledger.budgets SET current_revision = 2"),
    ("ZF006", """INSERT INTO ledger.budgets (tenant_id, business_id, fiscal_year_id, code, name,
        bucket_interval, current_revision)
        SELECT tenant_id, business_id, fiscal_year_id, 'X', 'x', 'year', 1 FROM ledger.budgets"""),
    ("ZF006", "UPDATE ledger.budget_warnings SET added = 1"),
    ("ZF006", "DELETE FROM ledger.budget_warnings"),
    ("ZL006", "TRUNCATE ledger.budget_warnings"),
    ("ZL006", "TRUNCATE ledger.budget_lines, ledger.budget_warnings"),
]  # fmt: skip


@pytest.mark.parametrize(("sqlstate", "statement"), GUARDED)
def test_what_was_planned_and_warned_of_never_changes(
    db: psycopg.Connection, sqlstate: str, statement: str
) -> None:
    plan(db, ("5010", "1"), policy="warn")
    spend(db, "5010", "2")
    throws(db, sqlstate, statement)


def test_a_revision_written_by_hand_comes_into_force_only_when_it_is_sound(
    db: psycopg.Connection,
) -> None:
    plan(db, ("5010", "100"))
    db.execute("""INSERT INTO ledger.budget_revisions
        (tenant_id, budget_id, business_id, revision_no, reason)
        SELECT tenant_id, id, business_id, 2, 'By hand' FROM ledger.budgets""")
    line = """INSERT INTO ledger.budget_lines
        SELECT b.tenant_id, b.id, 2, a.id, '2026-01-01', %s, 10, b.business_id
        FROM ledger.budgets AS b JOIN ledger.accounts AS a
        ON a.tenant_id = b.tenant_id AND a.code = %s"""
    into_force = "UPDATE ledger.budgets SET current_revision = 2"
    for sqlstate, ends_on, codes in (
        ("ZF005", "2026-06-30", ["5010"]),
        ("ZF005", "2026-12-31", ["5210", "5200"]),
        ("ZL012", "2026-12-31", ["1130"]),
    ):
        with db.transaction(force_rollback=True):
            for code in codes:
                db.execute(line, [ends_on, code])
            throws(db, sqlstate, into_force)
    db.execute(line, ["2026-12-31", "5220"])
    spend(db, "5220", "50")
    db.execute(into_force)
    throws(db, "ZF001", SPEND, spending("5220", "1"))
    assert offenders(db) == {}


OTHER_BUSINESS = [
    """INSERT INTO ledger.budget_revisions
        (tenant_id, budget_id, business_id, revision_no, reason)
        SELECT tenant_id, id, 2, 2, 'x' FROM ledger.budgets""",
    """INSERT INTO ledger.budget_lines
        (tenant_id, budget_id, business_id, revision_no, account_id, starts_on, ends_on, amount)
        SELECT l.tenant_id, budget_id, 2, 2, account_id, starts_on, ends_on, 1
        FROM ledger.budget_lines AS l""",
    """INSERT INTO ledger.budget_heads
        (tenant_id, budget_id, business_id, account_id, starts_on, postings)
        SELECT tenant_id, budget_id, 2, account_id, '2026-02-01', 1 FROM ledger.budget_heads""",
    "UPDATE ledger.budget_heads SET business_id = 2",
    """INSERT INTO ledger.budget_warnings (tenant_id, business_id, budget_id, revision_no,
        account_id, starts_on, entry_id, added, budgeted, actual)
        SELECT tenant_id, 2, budget_id, revision_no, account_id, starts_on, entry_id, 1, 1, 2
        FROM ledger.budget_warnings""",
    "UPDATE ledger.held_amounts SET business_id = 2",
    "UPDATE ledger.holds SET business_id = 2",
]


@pytest.mark.parametrize("statement", OTHER_BUSINESS)
def test_no_part_of_a_budget_or_hold_is_of_another_business(
    db: psycopg.Connection, statement: str
) -> None:
    plan(db, ("5010", "1"), policy="warn")
    spend(db, "5010", "2")
    hold(db, ("1110", "5"), ("4100", "-5"))
    throws(db, "23503", statement, deferred=True)


def test_a_budget_with_revisions_stays_in_its_business(db: psycopg.Connection) -> None:
    plan(db, ("5010", "1"))
    throws(db, "ZF006", "UPDATE ledger.budgets SET business_id = 2")
    db.execute("ALTER TABLE ledger.budgets DISABLE TRIGGER USER")
    throws(db, "23503", "UPDATE ledger.budgets SET business_id = 2")
