"""The books of lending for tests: accounts with their roles, and events as engine and jobs emit."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.pgtap import value

ROLES = {
    "loans_receivable": ("1310", "ASSET"),
    "loan_interest_receivable": ("1320", "ASSET"),
    "loan_fees_receivable": ("1330", "ASSET"),
    "loan_penalties_receivable": ("1340", "ASSET"),
    "loan_loss_allowance": ("1390", "ASSET"),
    "loan_advances": ("2310", "LIABILITY"),
    "loan_payment_clearing": ("2320", "LIABILITY"),
    "loan_interest_income": ("4310", "REVENUE"),
    "loan_fee_income": ("4320", "REVENUE"),
    "loan_penalty_income": ("4330", "REVENUE"),
    "loan_recovery_income": ("4340", "REVENUE"),
    "loan_waivers": ("5310", "EXPENSE"),
    "loan_loss_expense": ("5320", "EXPENSE"),
    "loan_cash": ("1350", "ASSET"),
    "loan_bank": ("1360", "ASSET"),
    "loan_mobile_money": ("1370", "ASSET"),
}
"""The account roles of the reference rules, with the accounts that the tests give them."""

CONTROLLED = tuple(list(ROLES)[:7])
"""The roles whose accounts lending reserves for itself."""


def open_accounts(conn: psycopg.Connection) -> None:
    """Have the ledger post lending by the rules that pgerp ships, to accounts of lending alone."""
    for role, (code, account_type) in ROLES.items():
        conn.execute("SELECT ledger.create_account(%s, %s, %s)", [code, role, account_type])
        conn.execute("SELECT ledger.set_account_role(%s, %s)", [role, code])
    conn.execute(
        "SELECT ledger.create_reference_rules(ARRAY("
        "SELECT code FROM events.event_types WHERE starts_with(code, 'lending.')))"
    )
    for role in CONTROLLED:
        conn.execute("SELECT ledger.set_control_module(%s, 'lending')", [ROLES[role][0]])


def say(conn: psycopg.Connection, books: Books, event_type: str, **payload: Any) -> uuid.UUID:
    """Emit an event of lending of loan L-1, or of the product season; amounts not given are 0.

    Args:
        conn: The session.
        books: Whose loan; it is of the business MAIN.
        event_type: The type without "lending.".
        payload: What is not 0, the day of the loan, or the product.

    Returns:
        The event.
    """
    aggregate_type, schema = conn.execute(
        "SELECT aggregate_type, payload_schema FROM events.event_types WHERE code = %s",
        [f"lending.{event_type}"],
    ).fetchone()  # type: ignore[misc]
    aggregate_id = str(uuid.uuid4())
    told: dict[str, Any] = {
        name: 0 for name in schema["properties"] if schema["properties"][name]["type"] == "number"
    }
    told |= {"on": "2026-03-04", "product_code": "season", "currency_code": "USD"}
    told |= {"branch_code": None, "loan_id": None, "loan_no": None}
    if aggregate_type == "loan":
        told |= {"loan_id": aggregate_id, "loan_no": "L-1"}
    if "reference" in schema["properties"]:
        told["reference"] = None
    event_id: uuid.UUID = value(
        conn,
        "SELECT events.emit(%s, %s, %s, %s, %s)",
        [
            books.tenant_id,
            f"lending.{event_type}",
            aggregate_id,
            json.dumps(told | payload),
            books.business_id,
        ],
    )
    return event_id


def entry(conn: psycopg.Connection, event_id: uuid.UUID) -> list[tuple[str, str]]:
    """Return the lines of the entry that an event came to: role and amount, debit positive."""
    codes = {code: role for role, (code, _) in ROLES.items()}
    rows = conn.execute(
        """SELECT a.code, trim_scale(l.amount)::text
        FROM ledger.posted_events AS p
        INNER JOIN ledger.journal_lines AS l
            ON l.tenant_id = p.tenant_id AND l.entry_id = p.entry_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE p.event_id = %s
        ORDER BY l.line_no""",
        [event_id],
    ).fetchall()
    return [(codes[code], amount) for code, amount in rows]
