"""What the guide to the life of an entry shows is run, as psql would."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from tests.docs.test_documents import blocks
from tests.ledger.books import settle
from tests.pgtap import value


def run_as_psql(db: psycopg.Connection, script: str, variables: dict[str, str]) -> list[Any]:
    r"""Run statements that end in `;`, or in `\gset`, which keeps columns; return the last rows."""
    rows: list[Any] = []
    for statement, end in re.findall(r"(.+?)(;|\\gset)\s*(?:\n|$)", script, re.DOTALL):
        text = statement
        for name, given in variables.items():
            text = text.replace(f":'{name}'", f"'{given}'")
        done = db.execute(text.replace("%", "%%").encode())
        rows = done.fetchall()
        if end == "\\gset":
            assert done.description is not None
            names = [column.name for column in done.description]
            variables |= dict(zip(names, map(str, rows[0]), strict=True))
    return rows


def test_the_sql_of_the_guide_to_the_life_of_an_entry_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    db.execute("SELECT identity.create_business('WATER', 'Water refill', 'KES')")
    db.execute("SELECT ledger.create_fiscal_year('WATER', '2026-01-01')")
    for code, kind in (
        *(("1110", "ASSET"), ("3100", "EQUITY")),
        *(("4100", "REVENUE"), ("5200", "EXPENSE")),
    ):
        db.execute("SELECT ledger.create_account(%s, %s, %s)", [code, code, kind])
    drafts, undo, source, roles = blocks("docs/ledger-lifecycle.md", "sql")
    variables: dict[str, str] = {}
    run_as_psql(db, drafts, variables)
    balance = "SELECT ledger.account_balance('WATER', %s)"
    assert value(db, balance, ["5200"]) == 950
    reversals = run_as_psql(db, undo, variables)
    assert [str(row[0]) for row in reversals] == [variables["sale"], variables["reversal"]]
    assert value(db, balance, ["4100"]) == -40
    run_as_psql(db, source, variables)
    run_as_psql(db, roles, variables)
    assert value(db, "SELECT count(*) FROM ledger.account_roles") == 2
    settle(db)
