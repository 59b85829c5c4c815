"""Migrations of tables that have rows: taken back and applied again, they lose and change none."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from pgerp import down, runner
from pgerp.db import connect
from pgerp.project import own_project
from tests.ledger.books import offenders
from tests.ledger.budgets import open_expenses, plan, spend
from tests.ledger.limits import hold
from tests.ledger.old_books import enter, open_old_books, seal
from tests.pgtap import throws, value

PROJECTS = [own_project()]
FIRST = "20261127_1200_ledger_business_keys"

TABLES = {
    "budget_revisions": "budgets AS p ON p.tenant_id = t.tenant_id AND p.id = t.budget_id",
    "budget_lines": "budgets AS p ON p.tenant_id = t.tenant_id AND p.id = t.budget_id",
    "budget_heads": "budgets AS p ON p.tenant_id = t.tenant_id AND p.id = t.budget_id",
    "budget_warnings": "budgets AS p ON p.tenant_id = t.tenant_id AND p.id = t.budget_id",
    "held_amounts": "holds AS p ON p.tenant_id = t.tenant_id AND p.entry_id = t.entry_id",
    "reversals": "all_journal_entries AS p ON p.tenant_id = t.tenant_id AND p.id = t.entry_id",
}


def rows(conn: psycopg.Connection) -> dict[str, list[Any]]:
    """Return every row of these tables, stamps included, with the business of its parent."""
    return {
        table: sorted(
            conn.execute(
                f"SELECT t::text, p.business_id FROM ledger.{table} AS t JOIN ledger.{parent}"  # type: ignore[arg-type]
            ).fetchall()
        )
        for table, parent in TABLES.items()
    }


def test_rows_from_before_say_which_business_they_are_of(clone: str) -> None:
    open_ = partial(connect, clone)
    with open_() as conn:
        books = open_old_books(conn)
        for token in books.tokens:
            enter(conn, token)
            open_expenses(conn)
            for business in ("MAIN", "SIDE"):
                plan(conn, ("5010", "1"), code=business, policy="warn", business=business)
                spend(conn, "5010", "2", business=business)
                hold(conn, ("1110", "5"), ("4100", "-5"), business=business)
            reversed_ = spend(conn, "5010", "3", business="SIDE")
            conn.execute("SELECT ledger.reverse_journal_entry(%s, 'Twice')", [reversed_])
        seal(conn, books)
        conn.execute("ALTER FUNCTION ledger.archive_before SET lock_timeout = '20s'")
        conn.execute("SELECT * FROM ledger.archive_before('2018-01-01')")
        before = rows(conn)
        assert {table: {row[1] for row in found} for table, found in before.items()} == {
            table: {1, 2} for table in TABLES
        }
        archived = """SELECT count(*) FROM ledger.reversals AS r
            JOIN ledger_archive.journal_entries AS e ON e.id = r.entry_id"""
        assert value(conn, archived) == 1
        # A copy of a database does not have its privileges.
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO pgerp_owner".encode())
    undone: list[str] = []
    while FIRST not in undone:
        with open_() as conn:
            one = down.plan_down(conn, PROJECTS, steps=1)
        undone += down.down(open_, PROJECTS, one).migrations
    with open_() as conn:
        throws(conn, "42703", "SELECT business_id FROM ledger.reversals")
    assert runner.up(open_, PROJECTS).migrations == list(reversed(undone))
    with open_() as conn:
        assert rows(conn) == before
        assert {
            table: value(
                conn,
                f"SELECT count(*) FROM ledger.{table} AS t JOIN ledger.{parent}"
                " WHERE t.business_id <> p.business_id",
            )
            for table, parent in TABLES.items()
        } == dict.fromkeys(TABLES, 0)
        assert offenders(conn) == {}
