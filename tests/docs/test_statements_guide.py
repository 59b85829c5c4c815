"""The SQL of the guide to statements runs, and each call in its table gives rows."""

from __future__ import annotations

import re

import psycopg

from tests.ledger.books import open_books, post

from .test_documents import ROOT, blocks

GUIDE = "docs/ledger-statements.md"


def test_the_sql_of_the_guide_to_statements_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    post(db, ("1110", "100"), ("3100", "-100"), date="2026-01-31")
    post(db, ("1110", "40"), ("4100", "-40"), date="2026-02-10")
    for block in blocks(GUIDE, "sql"):
        for statement in re.split(r";(?:\s*--.*)?\n", block):
            if statement.strip():
                assert db.execute(statement).rowcount >= 1, statement  # type: ignore[call-overload]
    calls = re.findall(r"^\| `(ledger\.\w+\(.*?\))`", (ROOT / GUIDE).read_text(), re.MULTILINE)
    assert len(calls) == 8
    for call in calls:
        assert db.execute(f"SELECT * FROM {call}").rowcount >= 1, call
