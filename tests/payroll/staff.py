"""Employees, calendars and runs for the tests of hr and payroll: business MAIN of a tenant."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import psycopg

from tests.ledger.books import Books, open_books
from tests.pgtap import value


def open_business(conn: psycopg.Connection, name: str = "Staff", currency: str = "USD") -> Books:
    """Make a tenant whose business MAIN has the department SALES; hold its token."""
    books = open_books(conn, name)
    if currency != "USD":
        conn.execute("SELECT identity.create_business(%s, %s, %s)", [currency, currency, currency])
    for business in ("MAIN", "SIDE", *([currency] if currency != "USD" else [])):
        for code in ("SALES", "STORE"):
            conn.execute("SELECT hr.create_department(%s, %s, %s)", [business, code, code.title()])
    if currency != "USD":
        conn.execute("SELECT ledger.create_fiscal_year(%s, '2026-01-01')", [currency])
    open_accounts(conn)
    return books


def hire(
    conn: psycopg.Connection,
    number: str,
    salary: str,
    *,
    hired_on: str = "2025-01-01",
    unit: str = "month",
    business: str = "MAIN",
    department: str = "SALES",
) -> Any:
    """Hire somebody and return the id."""
    return value(
        conn,
        "SELECT hr.hire_employee(%s, %s, %s, %s, %s, %s, %s)",
        [business, number, f"Name of {number}", department, hired_on, salary, unit],
    )


def open_calendar(
    conn: psycopg.Connection,
    *numbers: str,
    frequency: str = "monthly",
    jurisdiction: str = "US-TX",
    business: str = "MAIN",
    filing_status: str = "single",
    anchor_on: str = "2026-01-05",
) -> None:
    """Make the calendar PAY and have employees be paid by it."""
    conn.execute(
        "SELECT payroll.create_calendar(%s, 'PAY', 'Pay', %s, %s, %s)",
        [business, frequency, jurisdiction, anchor_on],
    )
    for number in numbers:
        conn.execute(
            "SELECT payroll.enrol_employee(%s, %s, 'PAY', %s)", [business, number, filing_status]
        )


def open_year(
    conn: psycopg.Connection,
    number: str,
    gross: str,
    *,
    security: str | None = None,
    medicare: str | None = None,
    business: str = "MAIN",
) -> bool:
    """Say what an employee in the United States was paid in 2026 before, by default as due.

    Args:
        conn: The session.
        number: Whose.
        gross: What was earned.
        security: What was withheld for social security, below its wage base if not given.
        medicare: The same of Medicare.
        business: Whose employee.

    Returns:
        Whether anything changed.
    """
    earned, cent = Decimal(gross), Decimal("0.01")
    due = {
        "social_security_tax": security or min(earned, Decimal(184500)) * Decimal("0.062"),
        "medicare_tax": medicare or earned * Decimal("0.0145"),
    }
    amounts = {name: Decimal(due[name]).quantize(cent, "ROUND_HALF_UP") for name in due}
    items = ", ".join(
        f'{{"component": "{name}", "base": {earned}, "amount": {amount},'
        f' "employer_amount": {amount}}}'
        for name, amount in amounts.items()
    )
    return bool(
        value(
            conn,
            "SELECT payroll.set_opening_balance(%s, %s, 2026, %s, %s, %s)",
            [business, number, gross, gross, f"[{items}]"],
        )
    )


def calculate(
    conn: psycopg.Connection,
    starts_on: str,
    pay_date: str | None = None,
    *,
    business: str = "MAIN",
) -> str:
    """Make a run of PAY, calculate it, and return its period."""
    period = value(
        conn,
        "SELECT payroll.create_run(%s, 'PAY', %s, %s)",
        [business, starts_on, pay_date],
    )
    conn.execute("SELECT payroll.calculate_run(%s, 'PAY', %s)", [business, period])
    return str(period)


def as_user(conn: psycopg.Connection, books: Books, subject: str, *permissions: str) -> None:
    """Hold a token of another subject, with all permissions unless some are named."""
    conn.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, %s, NULL, '1 day', %s), false)",
        [books.tenant_id, subject, list(permissions) or None],
    )


def approve(conn: psycopg.Connection, books: Books, period: str, *, business: str = "MAIN") -> None:
    """Have bob approve what alice calculated."""
    as_user(conn, books, "bob")
    conn.execute("SELECT payroll.approve_run(%s, 'PAY', %s)", [business, period])
    conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])


def process(conn: psycopg.Connection, books: Books, period: str, *, business: str = "MAIN") -> None:
    """Approve a run and send it to the books."""
    approve(conn, books, period, business=business)
    conn.execute("SELECT payroll.process_run(%s, 'PAY', %s)", [business, period])


def pay(conn: psycopg.Connection, number: str, period: str) -> dict[str, Decimal]:
    """Return the amounts of an employee's live record that are not zero."""
    row = conn.execute(
        """SELECT to_jsonb(r) FROM payroll.payroll_records AS r
        INNER JOIN payroll.runs AS n ON n.tenant_id = r.tenant_id AND n.id = r.run_id
        WHERE r.employee_no = %s AND n.period_code = %s AND r.status <> 'reversed'
            AND r.tenant_id = identity.current_tenant()""",
        [number, period],
    ).fetchone()
    assert row is not None
    names = (
        "gross federal_tax state_tax social_security_tax medicare_tax paye nssf shif"
        " housing_levy other_deductions net employer_costs"
    )
    return {
        name: Decimal(str(row[0][name])).quantize(Decimal("0.01"))
        for name in names.split()
        if row[0][name] != 0
    }


def amounts(**given: str) -> dict[str, Decimal]:
    """Return amounts as `pay` does."""
    return {name: Decimal(text).quantize(Decimal("0.01")) for name, text in given.items()}


ROLES = {
    "salaries_expense": ("5210", "EXPENSE"),
    "payroll_tax_expense": ("5220", "EXPENSE"),
    "net_pay_payable": ("2210", "LIABILITY"),
    "income_tax_payable": ("2220", "LIABILITY"),
    "social_security_payable": ("2230", "LIABILITY"),
    "health_insurance_payable": ("2240", "LIABILITY"),
    "housing_levy_payable": ("2250", "LIABILITY"),
    "payroll_deductions_payable": ("2260", "LIABILITY"),
    "payroll_bank": ("1190", "ASSET"),
}
"""The account roles of the reference rules, with the accounts that the tests give them."""


def open_accounts(conn: psycopg.Connection) -> None:
    """Have the ledger post payroll by the rules that pgerp ships."""
    for role, (code, account_type) in ROLES.items():
        conn.execute("SELECT ledger.create_account(%s, %s, %s)", [code, role, account_type])
        conn.execute("SELECT ledger.set_account_role(%s, %s)", [role, code])
    conn.execute(
        "SELECT ledger.create_reference_rules(ARRAY["
        "'payroll.record_processed', 'payroll.record_paid', 'payroll.record_reversed'])"
    )


def move_ledger_away(conn: psycopg.Connection) -> None:
    """Have no ledger act here, as in a database of payroll alone."""
    conn.execute("DELETE FROM events.subscriptions WHERE handler = 'ledger.post_event'")


def answer(
    conn: psycopg.Connection,
    number: str,
    event_type: str = "payroll.record_processed",
    *,
    rejected: str = "",
) -> str:
    """Have the ledger elsewhere answer the last event of an employee's record; return the entry."""
    event_id, record_id, business_id, tenant_id = conn.execute(
        """SELECT id, aggregate_id, business_id, tenant_id FROM events.event_store
        WHERE event_type = %s AND payload ->> 'employee_no' = %s
        ORDER BY position DESC LIMIT 1""",
        [event_type, number],
    ).fetchone()  # type: ignore[misc]
    return reply(conn, tenant_id, business_id, event_id, record_id, event_type, rejected)


def reply(
    conn: psycopg.Connection,
    tenant_id: int,
    business_id: int,
    event_id: object,
    record_id: object,
    event_type: str,
    rejected: str = "",
) -> str:
    """Emit what the ledger answers to an event; return the entry that it says it made."""
    entry_id = str(uuid.uuid4())
    payload: dict[str, object] = {
        "event_id": str(event_id),
        "event_type": event_type,
        "aggregate_type": "payroll_record",
        "aggregate_id": str(record_id),
    }
    if rejected:
        payload |= {"handler": "ledger.post_event", "sqlstate": rejected, "reason": "no"}
    else:
        payload["entry_id"] = entry_id
    conn.execute(
        "SELECT events.emit(%s, %s, %s, %s, %s)",
        [
            tenant_id,
            "ledger.payroll_rejected" if rejected else "ledger.payroll_posted",
            str(event_id),
            json.dumps(payload),
            business_id,
        ],
    )
    return entry_id
