"""What budgets refuse, and who may see and change them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, open_books
from tests.ledger.budgets import open_expenses, plan, planned, spend, status
from tests.pgtap import as_role, is_empty, results_eq, throws


@pytest.fixture(autouse=True)
def expenses(db: psycopg.Connection, books: Books) -> Books:
    open_expenses(db)
    return books


REFUSED: list[tuple[str, str, Any]] = [
    ("ZL015", "month", '{"account": "5010", "amount": "1"}'),
    ("ZL015", "month", "[]"),
    ("ZL015", "month", "[7]"),
    ("ZL015", "month", '[{"amount": "1"}]'),
    ("ZL015", "month", '[{"account": "5010", "amount": "1", "period": 1}]'),
    ("ZL007", "month", planned(("9999", "1"))),
    ("ZL012", "month", planned(("1130", "1"))),
    ("ZL011", "month", '[{"account": "5010"}]'),
    ("ZL011", "month", planned(("5010", "-1"))),
    ("ZL011", "month", planned(("5010", "1.00005"))),
    ("ZL011", "month", planned(("5010", "NaN"))),
    ("ZL011", "month", planned(("5010", "10000000000000000"))),
    ("ZF005", "month", planned(("5010", "1", 13))),
    ("ZF005", "quarter", planned(("5010", "1", 5))),
    ("ZF005", "year", planned(("5010", "1", 0))),
    ("ZF005", "month", planned(("5010", "1", 3), ("5010", "1"))),
    ("ZF005", "year", planned(("5200", "1"), ("5220", "1"))),
    ("ZF005", "month", planned(("5000", "1", 1), ("5220", "1", 2))),
]


@pytest.mark.parametrize(("sqlstate", "interval", "lines"), REFUSED)
def test_lines_that_plan_nonsense_are_refused(
    db: psycopg.Connection, sqlstate: str, interval: str, lines: str
) -> None:
    call = "SELECT ledger.create_budget('MAIN', 'B', 'Budget', '2026', %s, %s)"
    throws(db, sqlstate, call, [lines, interval])
    is_empty(db, "SELECT FROM ledger.budgets")


@pytest.mark.parametrize(
    ("sqlstate", "arguments"),
    [
        ("ZI005", "'NONE', 'B', 'b', '2026', '[]'"),
        ("ZF007", "'MAIN', 'B', 'b', '2031', '[]'"),
        ("22P02", "'MAIN', 'B', 'b', '2026', '[]', 'week'"),
        ("22P02", "'MAIN', 'B', 'b', '2026', '[]', 'month', 'shout'"),
        ("ZL027", "'MAIN', 'B', 'b', '2026', '[]', p_reason => ' '"),
        ("23514", "'MAIN', ' B', 'b', '2026', '[]'"),
        ("ZI004", "'MAIN', 'B', 'b', '2026', '[]', p_tenant_id => 0"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(
    db: psycopg.Connection, sqlstate: str, arguments: str
) -> None:
    throws(db, sqlstate, f"SELECT ledger.create_budget({arguments})")


def test_unknown_budgets_and_businesses_are_errors_not_empty(db: psycopg.Connection) -> None:
    plan(db, ("5010", "1"), policy="ignore")
    throws(db, "ZF003", "SELECT * FROM ledger.budget_status('MAIN', 'X')")
    throws(db, "ZF003", "SELECT * FROM ledger.budget_status('SIDE', 'B')")
    throws(db, "ZI005", "SELECT * FROM ledger.budget_status('NONE')")
    for call in ("close_budget('X')", "reopen_budget('X')", "set_budget_policy('X', 'warn')"):
        throws(db, "ZF003", f"SELECT ledger.{call}")
    throws(db, "ZF003", "SELECT ledger.revise_budget('X', '[]', 'x')")


def test_a_token_of_one_business_sees_and_changes_only_its_budgets(
    db: psycopg.Connection, books: Books
) -> None:
    plan(db, ("5010", "1"), policy="ignore")
    plan(db, ("5010", "2"), code="S", business="SIDE", policy="ignore")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [books.tenant_id, books.business_id],
    )
    with as_role(db, "pgerp_app"):
        results_eq(db, "SELECT budget_code FROM ledger.budget_status(NULL)", [("B",)])
        results_eq(db, "SELECT code FROM finance.budgets", [("B",)])
        throws(db, "ZI005", "SELECT * FROM ledger.budget_status('SIDE')")
        for call in (
            "close_budget('S')",
            "set_budget_policy('S', 'warn')",
            "revise_budget('S', '[]', 'x')",
        ):
            throws(db, "ZF003", f"SELECT ledger.{call}")
        db.execute("SELECT ledger.close_budget('B')")


def test_without_a_token_there_is_nothing(db: psycopg.Connection) -> None:
    plan(db, ("5010", "1"), policy="ignore")
    db.execute("SELECT set_config('pgerp.token', '', true)")
    with as_role(db, "pgerp_readonly"):
        is_empty(db, "SELECT * FROM ledger.budget_status(NULL)")
        is_empty(db, "SELECT * FROM finance.budgets")
        is_empty(db, "SELECT * FROM finance.budget_transactions")


def test_budgets_of_another_tenant_do_not_meet(db: psycopg.Connection) -> None:
    plan(db, ("5010", "1"))
    open_books(db, "Others")
    open_expenses(db)
    plan(db, ("5010", "500"))
    spend(db, "5010", "400")
    assert status(db)[0][3] == "400.0000"
