"""The statements of the guide to applications and loans run and do what it says."""

from __future__ import annotations

import psycopg

from tests.ledger.books import open_books
from tests.lending.books import open_accounts
from tests.lending.loans import acting_as, borrower
from tests.lending.products import save_product
from tests.pgtap import results_eq

from .test_documents import blocks


def test_the_sql_of_the_guide_to_loans_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    open_accounts(db)
    db.execute("SELECT identity.create_business('WATER', 'Water', 'USD')")
    db.execute("SELECT ledger.create_fiscal_year('WATER', '2026-01-01')")
    db.execute("SELECT identity.create_user('olive', 'Olive', NULL, true)")
    save_product(db, "WATER", max_principal="50000")
    borrower(db)
    statements = [
        statement
        for block in blocks("docs/lending-loans.md", "sql")
        for statement in block.strip().removesuffix(";").split(";\n")
    ]
    for statement in statements:
        with acting_as(db, "bob" if "approve_loan" in statement else "alice"):
            db.execute(statement)  # type: ignore[call-overload]
    results_eq(
        db,
        "SELECT status::text, principal::integer, officer, decided_by FROM lending.loans",
        [("written_off", 10000, "olive", "bob")],
    )
    results_eq(
        db,
        "SELECT kind::text FROM lending.transactions ORDER BY place",
        [
            ("disbursement",),
            ("disbursement",),
            ("rate_change",),
            ("extension",),
            ("reschedule",),
            ("fee",),
            ("waiver",),
            ("write_off",),
            ("recovery",),
        ],
    )
    results_eq(
        db,
        "SELECT to_status::text FROM lending.status_changes ORDER BY no",
        [("applied",), ("approved",), ("active",), ("restructured",), ("written_off",)],
    )
