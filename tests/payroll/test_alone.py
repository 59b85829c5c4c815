"""Payroll in a database of its own: hr arrives by events, and the ledger answers by events."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.conftest import ROOT
from tests.payroll.staff import calculate, open_calendar, pay, reply
from tests.pgtap import is_empty, results_eq, value

EMPLOYEE = str(uuid.uuid4())


def migrate(url: str, *words: str) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "migrate.py"), "--database-url", url, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def alone(new_database: Any) -> Any:
    """A session of alice in a database of payroll alone, with the business MAIN in shillings."""
    with new_database(None) as url:
        migrate(url, "up", "--modules", "payroll")
        migrate(url, "seed", "reference")
        with connect(url) as conn:
            tenant_id = value(conn, "SELECT identity.create_tenant('Alone')")
            as_subject(conn, tenant_id, "alice")
            conn.execute("SELECT identity.create_business('MAIN', 'Main', 'KES')")
            yield conn


def as_subject(conn: psycopg.Connection, tenant_id: int, subject: str) -> None:
    conn.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, %s, NULL, '1 day'), false)",
        [tenant_id, subject],
    )


def arrive(conn: psycopg.Connection, version: int, amount: int) -> None:
    """Have what hr says of E1 arrive, and payroll act upon it, as its worker does."""
    event_id = uuid.uuid4().hex
    payload = {
        "employee_id": EMPLOYEE,
        "version": version,
        "employee_no": "E1",
        "name": "Amina",
        "department_code": "SALES",
        "status": "active",
        "hired_on": "2025-01-01",
        "effective_on": "2025-01-01",
        "salaries": [
            {
                "effective_from": "2025-01-01",
                "amount": amount,
                "unit": "month",
                "currency_code": "KES",
            }
        ],
    }
    with conn.transaction():
        conn.execute("SET LOCAL session_replication_role = 'replica'")
        conn.execute(
            """INSERT INTO events.event_store (
                tenant_id, id, business_id, source_service, event_type, aggregate_type,
                aggregate_id, aggregate_version, payload, occurred_at, actor, correlation_id
            )
            VALUES (
                1, core.uuid_v7(), 1, 'employee', %s, 'employee', %s, %s, %s, now(), 'hr', %s
            )""",
            [
                "hr.employee_hired" if version == 1 else "hr.employee_salary_changed",
                EMPLOYEE,
                version,
                json.dumps(payload),
                event_id,
            ],
        )
    assert conn.execute("SELECT * FROM events.work(1)").fetchone() == (1, 0, 0)


def test_payroll_needs_neither_hr_nor_ledger(alone: psycopg.Connection) -> None:
    results_eq(
        alone,
        "SELECT to_regnamespace('hr'), to_regnamespace('ledger'), to_regnamespace('payroll')::text",
        [(None, None, "payroll")],
    )
    # What refers to hr is a foreign key only where both are.
    refers = "SELECT contype FROM pg_constraint WHERE conname = 'employee_cache_employee_fkey'"
    is_empty(alone, refers)
    arrive(alone, 1, 50000)
    arrive(alone, 2, 100000)
    open_calendar(alone, "E1", jurisdiction="KE")
    period = calculate(alone, "2026-01-01")
    assert str(pay(alone, "E1", period)["net"]) == "71617.65"
    as_subject(alone, 1, "bob")
    alone.execute("SELECT payroll.approve_run('MAIN', 'PAY', %s)", [period])
    alone.execute("SELECT payroll.process_run('MAIN', 'PAY', %s)", [period])
    record = alone.execute(
        """SELECT e.tenant_id, e.business_id, e.id, e.aggregate_id FROM events.event_store AS e
        WHERE e.event_type = 'payroll.record_processed'"""
    ).fetchone()
    assert record is not None
    reply(alone, *record, "payroll.record_processed", "ZL002")
    status = "SELECT r.status::text, r.rejection_reason FROM payroll.payroll_records AS r"
    results_eq(alone, status, [("pending", "ZL002: no")])
    alone.execute("SELECT payroll.process_run('MAIN', 'PAY', %s)", [period])
    reply(alone, *record, "payroll.record_processed")
    results_eq(alone, status, [("processed", None)])
    for name in ("cache_equals_hr", "records_equal_their_items", "runs_tell_their_records"):
        check = (ROOT / f"sql/checks/payroll/{name}.sql").read_text()
        assert alone.execute(check).fetchall() == [], name  # type: ignore[call-overload]


def test_hr_needs_no_payroll(new_database: Any) -> None:
    with new_database(None) as url:
        migrate(url, "up", "--modules", "hr")
        with connect(url) as conn:
            as_subject(conn, value(conn, "SELECT identity.create_tenant('Alone')"), "alice")
            conn.execute("SELECT identity.create_business('MAIN', 'Main', 'KES')")
            conn.execute("SELECT hr.create_department('MAIN', 'SALES', 'Sales')")
            conn.execute(
                "SELECT hr.hire_employee('MAIN', 'E1', 'Amina', 'SALES', '2026-01-01', 1000)"
            )
            results_eq(
                conn,
                "SELECT event_type, to_regnamespace('payroll') FROM events.event_store",
                [("hr.employee_hired", None)],
            )
