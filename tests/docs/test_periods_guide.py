"""What the guide to periods shows is run."""

from __future__ import annotations

import psycopg

from tests.docs.test_documents import blocks
from tests.ledger.books import offenders, post
from tests.ledger.periods import settle, status
from tests.pgtap import value


def test_the_sql_of_the_guide_to_periods_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    db.execute("SELECT identity.create_business('WATER', 'Water refill', 'KES')")
    db.execute("SELECT ledger.create_fiscal_year('WATER', '2026-01-01')")
    for code, kind in (
        *(("1110", "ASSET"), ("2100", "LIABILITY"), ("3200", "EQUITY")),
        *(("4100", "REVENUE"), ("5100", "EXPENSE")),
    ):
        db.execute("SELECT ledger.create_account(%s, %s, %s)", [code, code, kind])
    post(db, ("1110", "250"), ("4100", "-250"), business="WATER", date="2026-01-05")
    settle(db)
    month, year, numbers = blocks("docs/ledger-periods.md", "sql")
    *steps, history = month.split(";\n", 4)
    for step in steps:
        db.execute(step)  # type: ignore[call-overload]
    rows = db.execute(history.replace(";", "")).fetchall()  # type: ignore[call-overload]
    found = [(row[2], row[3], row[4]) for row in rows]
    assert found == [
        ("soft_closed", "open", "soft_closed"),
        ("closed", "soft_closed", "closed"),
        ("reopened", "closed", "soft_closed"),
        ("reopened", "soft_closed", "open"),
    ]
    db.execute(year)  # type: ignore[call-overload]
    settle(db)
    assert status(db, "2026-13", "WATER") == "open"
    assign, listing = numbers.split(";\n", 1)
    assert value(db, assign) == 0  # type: ignore[arg-type]
    assert db.execute(listing.replace(";", "")).rowcount == 4  # type: ignore[call-overload]
    db.execute("SELECT ledger.close_fiscal_year('WATER', '2026')")
    settle(db)
    assert str(value(db, "SELECT ledger.account_balance('WATER', '3200')")) == "50.0000"
    assert offenders(db) == {}
