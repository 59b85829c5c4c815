"""The SQL and the calls of the guide to currencies run, and come to what it says."""

from __future__ import annotations

import re

import psycopg

from tests.docs.test_documents import ROOT, blocks
from tests.ledger.books import open_books, settle
from tests.ledger.foreign import open_foreign_accounts
from tests.pgtap import value


def test_the_sql_of_the_guide_to_currencies_runs(db: psycopg.Connection) -> None:
    guide = "docs/ledger-currencies.md"
    open_books(db, "Guide")
    open_foreign_accounts(db)
    db.execute("SELECT ledger.create_account('1300', 'Stock', 'ASSET')")
    rates, posting, settling, revaluing = blocks(guide, "sql")
    for block in (rates, posting, settling):
        db.execute(block)  # type: ignore[call-overload]
    across = "SELECT ledger.exchange_rate('EUR', 'KES', '2026-04-02')::float"
    assert value(db, across) == 161.875
    gained = "SELECT ledger.account_balance('MAIN', '4910', '2026-03-31')::integer"
    assert value(db, gained) == -6
    db.execute(revaluing)  # type: ignore[call-overload]
    carried = "SELECT ledger.account_balance('MAIN', '1200', %s)::integer"
    assert [value(db, carried, [day]) for day in ("2026-03-31", "2026-04-01")] == [50, 44]
    text = (ROOT / guide).read_text()
    for call in re.findall(r"^\| `(ledger\.\w+\(.*?\))` ", text, re.MULTILINE):
        assert db.execute(f"SELECT * FROM {call}").rowcount >= 1, call
    for statement in re.findall(r"`(SELECT ledger\..*?)`", text):
        assert db.execute(statement).rowcount == 1, statement
    settle(db)
