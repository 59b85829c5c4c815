"""The statements of the guide to the daily jobs run, and do what it says."""

from __future__ import annotations

import re
from datetime import date

import psycopg

from tests.ledger.books import open_books
from tests.lending.jobs import balances, lend, open_jobs
from tests.party.customers import PHONE, create
from tests.pgtap import results_eq

from .test_documents import ROOT, blocks

GUIDE = "docs/lending-jobs.md"


def test_the_sql_of_the_guide_to_the_daily_jobs_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    open_jobs(db)
    mary = create(db, given_name="Mary", **PHONE)
    loan = lend(db, mary)
    daily, shown, provisions, reminders = blocks(GUIDE, "sql")
    db.execute(daily.encode())
    ((through, _, _, overdue, late),) = db.execute(shown.encode()).fetchall()
    assert (through, str(overdue), late) == (date(2025, 2, 14), "207.8900", 4)
    db.execute(provisions.encode())
    assert balances(db, loan)["allowance"] == 120
    db.execute(reminders.encode())
    results_eq(
        db,
        "SELECT dedup_key FROM messaging.messages",
        [(f"loan_overdue:{loan}:2025-02-11",)],
    )


def test_the_guide_has_every_procedure_and_its_defaults(db: psycopg.Connection) -> None:
    text = (ROOT / GUIDE).read_text()
    named = re.findall(r"^\| `(lending\.\w+)` \|", text, re.MULTILINE)
    results_eq(
        db,
        "SELECT pronamespace::regnamespace || '.' || proname FROM pg_proc"
        " WHERE prokind = 'p' AND pronamespace = 'lending'::regnamespace ORDER BY 1",
        [(name,) for name in sorted(named)],
    )
