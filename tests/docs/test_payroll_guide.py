"""The statements of the guide to payroll run and give what it says."""

from __future__ import annotations

import re

import psycopg

from tests.ledger.books import offenders, open_books
from tests.payroll.staff import ROLES, as_user
from tests.pgtap import results_eq

from .test_documents import ROOT, blocks


def test_the_sql_of_the_guide_to_payroll_runs(db: psycopg.Connection) -> None:
    books = open_books(db, "Guide")
    db.execute("SELECT identity.create_business('WATER', 'Water', 'KES')")
    db.execute("SELECT ledger.create_fiscal_year('WATER', '2026-01-01')")
    for role, (code, account_type) in ROLES.items():
        db.execute("SELECT ledger.create_account(%s, %s, %s)", [code, role, account_type])
    *prepared, approved, reversed_ = blocks("docs/payroll.md", "sql")
    for block in prepared:
        db.execute(block)  # type: ignore[call-overload]
    as_user(db, books, "bob")
    db.execute(approved)  # type: ignore[call-overload]
    db.execute(reversed_)  # type: ignore[call-overload]
    results_eq(
        db,
        "SELECT status::text, gross::text, net::text FROM payroll.payroll_records",
        [("reversed", "100000.0000", "66617.6500")],
    )
    assert offenders(db) == {}


def test_the_guide_names_each_status_of_a_run(db: psycopg.Connection) -> None:
    text = (ROOT / "docs/payroll.md").read_text()
    named = re.findall(r"^\| (\w+) \| ", text, re.MULTILINE)
    results_eq(
        db,
        "SELECT unnest(enum_range(NULL::payroll.run_status))::text",
        [(name,) for name in named],
    )
