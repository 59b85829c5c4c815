"""The schema finance: budgets and balances under its names, and dated copies of statements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg
import pytest

from tests.ledger.books import Books, offenders, open_books, post
from tests.ledger.budgets import open_expenses, plan, planned, spend
from tests.pgtap import as_role, results_eq, throws, value

STORE = "SELECT finance.store_report(%s, %s, %s, %s)"


@pytest.fixture
def books(db: psycopg.Connection) -> Iterator[Books]:
    opened = open_books(db)
    open_expenses(db)
    yield opened
    assert offenders(db) == {}


BUDGETS = """SELECT code, business, department, fiscal_year, quarter, category, allocated::text,
    spent::text, remaining::text, utilisation::text, status FROM finance.budgets
    ORDER BY code, quarter"""


def test_budgets_show_quarters_or_the_year(db: psycopg.Connection, books: Books) -> None:
    plan(db, ("5010", "1200"), code="M", interval="month", policy="ignore", department="IT")
    plan(db, ("5010", "100"), ("5200", "20"), code="Y", policy="ignore")
    spend(db, "5010", "150", date="2026-06-30", department="IT")
    spend(db, "5010", "301", date="2026-07-01", department="IT")
    db.execute("SELECT ledger.close_budget('Y')")
    common = ("M", "MAIN", "IT", "2026")
    results_eq(
        db,
        BUDGETS,
        [
            (*common, 1, "Travel", "300.0000", "0", "300.0000", "0.00", "active"),
            (*common, 2, "Travel", "300.0000", "150.0000", "150.0000", "50.00", "active"),
            (*common, 3, "Travel", "300.0000", "301.0000", "-1.0000", "100.33", "exceeded"),
            (*common, 4, "Travel", "300.0000", "0", "300.0000", "0.00", "active"),
            ("Y", "MAIN", None, "2026", None, "Travel", "120.0000", "451.0000", "-331.0000",
             "375.83", "closed"),
        ],
    )  # fmt: skip


def test_a_revision_replaces_what_was_allocated(db: psycopg.Connection, books: Books) -> None:
    plan(db, ("5010", "100"), policy="ignore")
    db.execute("SELECT ledger.revise_budget('B', %s, 'x')", [planned(("5010", "0"))])
    results_eq(db, "SELECT allocated::text, utilisation FROM finance.budgets", [("0.0000", None)])


def test_a_budget_says_when_it_was_made_and_changed(db: psycopg.Connection, books: Books) -> None:
    plan(db, ("5010", "100"), policy="ignore")
    stamps = "created_at, created_by, last_modified_at"
    made = db.execute(f"SELECT {stamps} FROM ledger.budgets").fetchall()
    results_eq(db, "SELECT created_at, created_by, updated_at FROM finance.budgets", made)


def test_transactions_are_the_posted_lines_that_count(db: psycopg.Connection, books: Books) -> None:
    plan(db, ("5000", "10", 1), interval="quarter", policy="ignore")
    entry_id = spend(db, "5210", "3")
    spend(db, "5210", "4", date="2026-04-01")
    spend(db, "5100", "5")
    spend(db, "5010", "6", status="DRAFT")
    back = spend(db, "5010", "-1", date="2026-01-01")
    results_eq(
        db,
        """SELECT budget, budget_account, account, bucket_starts_on::text, entry_id, line_no,
            transaction_date::text, amount::text, description
        FROM finance.budget_transactions ORDER BY transaction_date""",
        [
            ("B", "5000", "5010", "2026-01-01", back, 1, "2026-01-01", "-1.0000", "Spent"),
            ("B", "5000", "5210", "2026-01-01", entry_id, 1, "2026-03-04", "3.0000", "Spent"),
        ],
    )


def test_the_cache_of_accounting_has_each_account_and_period(
    db: psycopg.Connection, books: Books
) -> None:
    spend(db, "5010", "7")
    spend(db, "5010", "-2")
    spend(db, "5010", "1", date="2026-04-04")
    results_eq(
        db,
        """SELECT business, account_type, period, debit::text, credit::text, movement::text
        FROM finance.accounting_data_cache WHERE account_code = '5010' ORDER BY period""",
        [
            ("MAIN", "EXPENSE", "2026-03", "7.0000", "2.0000", "5.0000"),
            ("MAIN", "EXPENSE", "2026-04", "1.0000", "0.0000", "1.0000"),
        ],
    )


CALLS = {
    "trial_balance": "ledger.trial_balance('MAIN', '2026-06-30')",
    "income_statement": "ledger.income_statement('MAIN', '2026-01-01', '2026-06-30')",
    "cash_flow": "ledger.cash_flow_statement('MAIN', '2026-01-01', '2026-06-30')",
    "balance_sheet": "ledger.balance_sheet('MAIN', '2026-06-30')",
    "budget_status": "ledger.budget_status('MAIN', NULL, '2026-06-30')",
}


@pytest.mark.parametrize("kind", CALLS)
def test_a_stored_report_says_what_the_statement_said(
    db: psycopg.Connection, books: Books, kind: str
) -> None:
    plan(db, ("5010", "100"), policy="ignore")
    post(db, ("1110", "50"), ("4100", "-50"))
    spend(db, "5010", "7")
    db.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
    call = CALLS[kind]
    said = value(db, f"SELECT jsonb_agg(to_jsonb(r)) FROM {call} AS r")
    assert len(said) > 0
    start = "2026-01-01" if "2026-01-01" in call else None
    with as_role(db, "pgerp_app"):
        report_id = value(db, STORE, ["MAIN", kind, start, "2026-06-30"])
        spend(db, "5010", "8")
        row = db.execute(
            """SELECT id, business_code, period_from::text, period_to::text, made_by, content,
                content::text, content_sha256 FROM finance.stored_reports(%s, '2026-06-30')""",
            [kind],
        ).fetchone()
    assert row is not None
    assert row[:5] == (report_id, "MAIN", start, "2026-06-30", "alice")
    assert row[5]["rows"] == said
    assert hashlib.sha256(row[6].encode()).digest() == row[7]
    assert value(db, f"SELECT jsonb_agg(to_jsonb(r)) FROM {call} AS r") != said


def test_reports_are_found_by_kind_date_and_business(db: psycopg.Connection, books: Books) -> None:
    first = value(db, STORE, ["MAIN", "trial_balance", None, "2026-06-30"])
    second = value(db, STORE, ["SIDE", "income_statement", "2026-01-01", "2026-03-31"])
    third = value(db, STORE, [None, "trial_balance", None, "2026-06-30"])
    fourth = value(db, STORE, [None, "trial_balance", None, None])
    for arguments, expected in (
        ("", [fourth, third, second, first]),
        ("'trial_balance', '2026-06-30'", [third, first]),
        ("NULL, '2026-02-02'", [second]),
        ("NULL, NULL, 'MAIN'", [first]),
        ("'balance_sheet'", []),
    ):
        found = db.execute(f"SELECT id FROM finance.stored_reports({arguments})").fetchall()
        assert [row[0] for row in found] == expected, arguments


@pytest.mark.parametrize(
    ("sqlstate", "arguments"),
    [
        ("22023", ["MAIN", "gossip", None, None]),
        ("22023", ["MAIN", None, None, None]),
        ("22023", ["MAIN", "balance_sheet", "2026-01-01", "2026-02-01"]),
        ("ZI005", ["NONE", "balance_sheet", None, None]),
        ("23514", ["MAIN", "income_statement", "2026-02-01", "2026-01-01"]),
    ],
)
def test_reports_that_make_no_sense_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, arguments: list[str | None]
) -> None:
    throws(db, sqlstate, STORE, arguments)


@pytest.mark.parametrize(
    ("sqlstate", "statement"),
    [
        ("ZF006", "UPDATE finance.financial_reports SET content = '{}'"),
        ("ZF006", "DELETE FROM finance.financial_reports"),
        ("ZL006", "TRUNCATE finance.financial_reports"),
    ],
)
def test_stored_reports_never_change(
    db: psycopg.Connection, books: Books, sqlstate: str, statement: str
) -> None:
    value(db, STORE, ["MAIN", "trial_balance", None, None])
    throws(db, sqlstate, statement)


def test_the_digest_is_that_of_the_content_whatever_is_given(
    db: psycopg.Connection, books: Books
) -> None:
    value(db, STORE, ["MAIN", "trial_balance", None, None])
    db.execute("""INSERT INTO finance.financial_reports
        (tenant_id, business_id, kind, content, content_sha256)
        SELECT tenant_id, business_id, kind, '{"a": 1}', content_sha256
        FROM finance.financial_reports""")


def test_a_token_of_one_business_stores_and_sees_nothing_consolidated(
    db: psycopg.Connection, books: Books
) -> None:
    value(db, STORE, [None, "trial_balance", None, None])
    value(db, STORE, ["SIDE", "trial_balance", None, None])
    mine = value(db, STORE, ["MAIN", "trial_balance", None, None])
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [books.tenant_id, books.business_id],
    )
    with as_role(db, "pgerp_app"):
        throws(db, "ZI006", STORE, [None, "trial_balance", None, None])
        throws(db, "ZI006", STORE, ["SIDE", "trial_balance", None, None])
        results_eq(db, "SELECT id FROM finance.stored_reports()", [(mine,)])
        results_eq(db, "SELECT id FROM finance.financial_reports", [(mine,)])
        value(db, STORE, ["MAIN", "budget_status", None, None])
