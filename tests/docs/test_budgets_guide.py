"""The SQL and the calls of the guide to budgets run."""

from __future__ import annotations

import re

import psycopg

from tests.docs.test_documents import ROOT, blocks
from tests.pgtap import value


def test_the_sql_of_the_guide_to_budgets_runs(db: psycopg.Connection) -> None:
    guide = "docs/ledger-budgets.md"
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    db.execute("""SELECT identity.create_business('WATER', 'Water', 'KES');
        SELECT ledger.create_fiscal_year('WATER', '2026-01-01');
        SELECT ledger.create_account('5000', 'Expenses', 'EXPENSE', p_is_postable => false);
        SELECT ledger.create_account('5300', 'Travel', 'EXPENSE', '5000');
        SELECT ledger.create_account('1110', 'Till', 'ASSET')""")
    plan, revise, store = blocks(guide, "sql")
    db.execute(plan)  # type: ignore[call-overload]
    db.execute("""SELECT ledger.create_journal_entry('WATER', '2026-11-02', 'Bus', '[
        {"account": "5300", "debit": "12", "department": "SALES"},
        {"account": "1110", "credit": "12"}]')""")
    db.execute(revise)  # type: ignore[call-overload]
    text = (ROOT / guide).read_text()
    for call in re.findall(
        r"^\| `((?:ledger|finance)\.\w+(?:\(.*?\))?)` \| [a-z]", text, re.MULTILINE
    ):
        assert db.execute(f"SELECT * FROM {call}").rowcount >= 1, call
    for statement in store.strip().split("\n"):
        assert db.execute(statement).rowcount == 1, statement
    spent = "SELECT spent FROM finance.budgets WHERE code = 'TRIPS' AND quarter = 4"
    assert value(db, spent) == 12
