"""A small set of books for the tests of the ledger: one tenant, two businesses, a year, a chart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.pgtap import value

CHECKS = Path(__file__).resolve().parents[2] / "sql" / "checks"

Line = tuple[str, str]
"""Account code and signed amount, debit positive."""


@dataclass(frozen=True)
class Books:
    """The keys of the books that `open_books` made."""

    tenant_id: int
    token: str
    business_id: int


def open_books(conn: psycopg.Connection, name: str = "Books") -> Books:
    """Make a tenant with businesses MAIN and SIDE, the year 2026 and a chart; hold its token."""
    tenant_id = value(conn, "SELECT identity.create_tenant(%s)", [name])
    token = value(conn, "SELECT identity.issue_token(%s, 'alice', NULL, '1 day')", [tenant_id])
    conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])
    business_id = value(conn, "SELECT identity.create_business('MAIN', 'Main', 'USD')")
    conn.execute("SELECT identity.create_business('SIDE', 'Side', 'USD')")
    for business in ("MAIN", "SIDE"):
        conn.execute("SELECT ledger.create_fiscal_year(%s, '2026-01-01')", [business])
    for code, account_type, parent, business, postable in (
        ("1000", "ASSET", None, None, False),
        ("1110", "ASSET", "1000", None, True),
        ("1120", "ASSET", "1000", None, True),
        ("1130", "ASSET", "1000", "SIDE", True),
        ("2110", "LIABILITY", None, None, True),
        ("3100", "EQUITY", None, None, True),
        ("4100", "REVENUE", None, None, True),
        ("5100", "EXPENSE", None, None, True),
    ):
        conn.execute(
            "SELECT ledger.create_account(%s, %s, %s, %s, %s, %s)",
            [code, f"Account {code}", account_type, parent, business, postable],
        )
    return Books(tenant_id, token, business_id)


def as_json(*lines: Line) -> str:
    """Write lines the way the posting functions take them."""
    return json.dumps(
        [
            {
                "account": account,
                "credit" if amount.startswith("-") else "debit": amount.lstrip("-"),
            }
            for account, amount in lines
        ]
    )


def post(
    conn: psycopg.Connection, *lines: Line, date: str = "2026-03-04", business: str = "MAIN"
) -> Any:
    """Post an entry through the API and return its id."""
    return value(
        conn,
        "SELECT ledger.create_journal_entry(%s, %s, 'Test', %s)",
        [business, date, as_json(*lines)],
    )


def draft(conn: psycopg.Connection, *lines: Line, date: str = "2026-03-04") -> Any:
    """Make a draft of MAIN through the API and return its id."""
    return value(
        conn,
        "SELECT ledger.create_journal_entry('MAIN', %s, 'Draft', %s, 'DRAFT')",
        [date, as_json(*lines)],
    )


def settle(conn: psycopg.Connection) -> None:
    """Run what is deferred to the commit, and every check."""
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    conn.execute("SET CONSTRAINTS ALL DEFERRED")
    assert offenders(conn) == {}


def balance(conn: psycopg.Connection, account: str, business: str | None = "MAIN") -> str:
    """Return an account's balance as text."""
    return str(value(conn, "SELECT ledger.account_balance(%s, %s)", [business, account]))


def offenders(conn: psycopg.Connection) -> dict[str, list[Any]]:
    """Run every file in sql/checks; return those that found something, by module and name."""
    found = {}
    for path in sorted(CHECKS.rglob("*.sql")):
        if rows := conn.execute(path.read_text()).fetchall():  # type: ignore[arg-type]
            found[f"{path.parent.name}/{path.stem}"] = rows
    return found
