"""Employees and pay of a business, for the tests of who sees and changes what."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.payroll.staff import reply
from tests.pgtap import value

OPENING = """[{"component": "social_security_tax", "base": 1, "amount": 1},
    {"component": "medicare_tax", "base": 1, "amount": 1}]"""
"""What was withheld before, for payroll.set_opening_balance."""


def employ(conn: psycopg.Connection, business: str, salary: str) -> None:
    """Have a row in every table of hr and payroll, and nothing in the books."""
    conn.execute("SELECT hr.create_department(%s, 'SALES', 'Sales')", [business])
    hire(conn, business, "E1", salary)
    conn.execute(
        "SELECT payroll.create_calendar(%s, 'PAY', 'Pay', 'monthly', 'US-TX', '2026-01-01')",
        [business],
    )
    conn.execute("SELECT payroll.enrol_employee(%s, 'E1', 'PAY')", [business])
    conn.execute(
        "SELECT payroll.set_opening_balance(%s, 'E1', 2026, %s, %s, %s)",
        [business, salary, salary, OPENING],
    )
    calculate(conn, business, "2026-01-01")
    conn.execute(
        "SELECT payroll.add_run_item(%s, 'PAY', '2026-01', 'E1', 'earning', 'bonus', 1)",
        [business],
    )
    conn.execute("SELECT payroll.calculate_run(%s, 'PAY', '2026-01')", [business])
    note_due(conn)


def note_due(conn: psycopg.Connection) -> None:
    """Note that every summary is to be refreshed."""
    conn.execute(
        "INSERT INTO payroll.summary_dues SELECT tenant_id, business_id, now() FROM payroll.runs"
        " ON CONFLICT DO NOTHING"
    )


def hire(conn: psycopg.Connection, business: str, number: str, salary: str) -> None:
    """Hire somebody for SALES."""
    conn.execute(
        "SELECT hr.hire_employee(%s, %s, 'Somebody', 'SALES', '2025-01-01', %s)",
        [business, number, salary],
    )


def calculate(conn: psycopg.Connection, business: str, starts_on: str) -> None:
    """Make a run and calculate it."""
    period = value(conn, "SELECT payroll.create_run(%s, 'PAY', %s)", [business, starts_on])
    conn.execute("SELECT payroll.calculate_run(%s, 'PAY', %s)", [business, period])


def make_runs(conn: psycopg.Connection, tenant_id: int, token: Any, secret: str) -> None:
    """Give SIDE runs in each state, by alice and bob; the ledger is elsewhere.

    Args:
        conn: The session, which holds a token of alice.
        tenant_id: Whose.
        token: Takes a subject and has the session hold that one's token.
        secret: What E1 earns.
    """
    conn.execute("SELECT hr.change_salary('SIDE', 'E1', %s, '2026-01-01')", [secret])
    hire(conn, "SIDE", "E2", secret)
    conn.execute("SELECT hr.start_leave('SIDE', 'E2', '2026-01-01')")
    conn.execute(
        "DELETE FROM events.subscriptions"
        " WHERE handler = 'ledger.post_event' AND event_type LIKE 'payroll.%%'"
    )
    # 2026-02 is for approving, 2026-03 for processing, 2026-04 for paying and reversing.
    token("bob")
    for month in ("02", "03", "04"):
        calculate(conn, "SIDE", f"2026-{month}-01")
    token("alice")
    for month in ("04", "03"):
        conn.execute("SELECT payroll.calculate_run('SIDE', 'PAY', %s)", [f"2026-{month}"])
        token("bob")
        conn.execute("SELECT payroll.approve_run('SIDE', 'PAY', %s)", [f"2026-{month}"])
        token("alice")
        if month == "04":
            conn.execute("SELECT payroll.process_run('SIDE', 'PAY', '2026-04')")
            event = conn.execute(
                """SELECT tenant_id, business_id, id, aggregate_id FROM events.event_store
                WHERE event_type = 'payroll.record_processed' AND tenant_id = %s""",
                [tenant_id],
            ).fetchone()
            assert event is not None
            reply(conn, *event, "payroll.record_processed")
    conn.execute("SELECT payroll.refresh_summary('0')")
    note_due(conn)


RUN = {"p_calendar_code": "PAY", "p_period_code": "2026-01", "p_employee_no": "E1"}
_PAY: dict[str, dict[str, Any]] = {
    "hr.change_salary": {"p_amount": "5", "p_effective_from": "2026-02-01"},
    "hr.create_department": {},
    "hr.end_leave": {"p_employee_no": "E2", "p_back_on": "2026-02-01"},
    "hr.hire_employee": {
        "p_employee_no": "E9",
        "p_department_code": "SALES",
        "p_hired_on": "2026-01-01",
        "p_salary": "5",
    },
    "hr.rename_employee": {},
    "hr.set_department_manager": {"p_department_code": "SALES"},
    "hr.set_employee_numbers": {"p_numbers": "{}"},
    "hr.start_leave": {"p_from": "2026-02-01"},
    "hr.terminate_employee": {"p_last_day": "2026-12-31"},
    "hr.transfer_employee": {
        "p_department_code": "SALES",
        "p_effective_on": "2026-02-01",
        "p_title": "New",
    },
    "payroll.add_run_item": {"p_kind": "earning", "p_code": "new", "p_amount": "5"},
    "payroll.approve_run": {"p_period_code": "2026-02"},
    "payroll.calculate_run": {},
    "payroll.create_calendar": {
        "p_frequency": "weekly",
        "p_jurisdiction": "US-TX",
        "p_anchor_on": "2026-01-05",
    },
    "payroll.create_run": {"p_starts_on": "2026-05-01"},
    "payroll.enrol_employee": {"p_employee_no": "E2"},
    "payroll.pay_run": {"p_period_code": "2026-04"},
    "payroll.process_run": {"p_period_code": "2026-03"},
    "payroll.remove_run_item": {"p_kind": "earning", "p_code": "bonus"},
    "payroll.reverse_record": {"p_period_code": "2026-04"},
    "payroll.set_opening_balance": {
        "p_year": "2025",
        "p_gross": "5",
        "p_taxable": "5",
        "p_items": OPENING,
    },
    "payroll.run_summaries": {"p_from": None, "p_to": None},
}
PAY = {name: RUN | arguments for name, arguments in _PAY.items()}
"""Arguments with which functions of hr and payroll are asked about SIDE, as make_runs left it."""
