"""A small chart of expenses and calls that plan and spend, for the tests of budgets."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.pgtap import value

STATUS = """SELECT account_code, starts_on::text, budgeted::text, actual::text, remaining::text,
    utilisation::text, status FROM ledger.budget_status('MAIN', %s)"""


def open_expenses(conn: psycopg.Connection) -> None:
    """Add the header 5000 with 5010 and, a level down under 5200, 5210 and 5220."""
    for code, parent, postable in (
        ("5000", None, False),
        ("5010", "5000", True),
        ("5200", "5000", False),
        ("5210", "5200", True),
        ("5220", "5200", True),
    ):
        conn.execute(
            "SELECT ledger.create_account(%s, %s, 'EXPENSE', %s, p_is_postable => %s)",
            [code, f"Account {code}", parent, postable],
        )


def planned(*lines: tuple[str, str] | tuple[str, str, int]) -> str:
    """Write lines of a budget as its functions take them: account, amount, and perhaps bucket."""
    return json.dumps(
        [
            {"account": line[0], "amount": line[1]}
            | ({"bucket": line[2]} if len(line) == 3 else {})
            for line in lines
        ]
    )


def plan(
    conn: psycopg.Connection,
    *lines: tuple[str, str] | tuple[str, str, int],
    code: str = "B",
    interval: str = "year",
    policy: str = "stop",
    department: str | None = None,
    business: str = "MAIN",
) -> Any:
    """Make a budget of 2026 through the API and return its id."""
    return value(
        conn,
        "SELECT ledger.create_budget(%s, %s, 'Budget', '2026', %s, %s, %s, %s, 'Travel')",
        [business, code, planned(*lines), interval, policy, department],
    )


SPEND = "SELECT ledger.create_journal_entry(%s, %s, 'Spent', %s, %s)"


def spending(
    account: str,
    amount: str,
    *,
    date: str = "2026-03-04",
    department: str | None = None,
    business: str = "MAIN",
    status: str = "POSTED",
    against: str = "2110",
) -> list[Any]:
    """Return the parameters of SPEND: an amount on an account, against one; below zero: back."""
    back = amount.startswith("-")
    number = amount.lstrip("-")
    lines = [
        {"account": account, "credit" if back else "debit": number},
        {"account": against, "debit" if back else "credit": number},
    ]
    if department:
        lines[0]["department"] = department
    return [business, date, json.dumps(lines), status]


def spend(conn: psycopg.Connection, account: str, amount: str, **options: Any) -> Any:
    """Post an expense and return the entry's id."""
    return value(conn, SPEND, spending(account, amount, **options))


def status(conn: psycopg.Connection, code: str = "B") -> list[tuple[Any, ...]]:
    """Return the lines of a budget: account, starts_on, four figures as text, status."""
    return conn.execute(STATUS, [code]).fetchall()
