"""The statements of the guide to reports of loans run, and it names what there is."""

from __future__ import annotations

import re

import psycopg

from tests.ledger.books import open_books
from tests.lending.reports import open_lender

from .test_documents import ROOT, blocks

GUIDE = "docs/lending-reports.md"


def test_the_sql_of_the_guide_to_reports_of_loans_runs(db: psycopg.Connection) -> None:
    lender = open_lender(db, open_books(db, "Guide"))
    loan = lender.lend("L1", [("2026-02-01", 400), ("2026-03-01", 600)])
    lender.settle(loan, "2026-02-01", 300)
    db.execute("SELECT lending.refresh_summary()")
    for block in blocks(GUIDE, "sql"):
        for statement in block.strip().removesuffix(";").split(";\n"):
            assert db.execute(statement).fetchall() != [], statement  # type: ignore[call-overload]


def test_what_the_guide_names_in_lending_exists(db: psycopg.Connection) -> None:
    text = (ROOT / GUIDE).read_text()
    tables = {
        *re.findall(r"`(vw_\w+|mvw_\w+)`", text),
        *re.findall(
            r"^\| `([a-z_]+)`(?:, `[a-z_]+`)? \| (?:a view|the table|views)", text, re.MULTILINE
        ),
    }
    assert len(tables) > 10
    for name in tables:
        found = db.execute("SELECT to_regclass('lending.' || %s) IS NOT NULL", [name]).fetchall()
        assert found == [(True,)], name
    functions = re.findall(r"`lending\.(\w+)", text)
    for name in functions:
        found = db.execute("SELECT FROM pg_proc WHERE proname = %s", [name]).fetchall()
        assert found, name
