"""payroll.employee_cache: fed by events alone, in whatever order they come."""

from __future__ import annotations

import itertools
import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.payroll.staff import hire
from tests.pgtap import as_role, results_eq, throws, value

HISTORY = (
    "SELECT hr.change_salary('MAIN', 'E1', 2000, '2026-03-01')",
    "SELECT hr.transfer_employee('MAIN', 'E1', 'STORE', '2026-02-01', 'Clerk', 'E2')",
    "SELECT hr.start_leave('MAIN', 'E1', '2026-04-01')",
    "SELECT hr.end_leave('MAIN', 'E1', '2026-05-01')",
    "SELECT hr.rename_employee('MAIN', 'E1', 'Other')",
    "SELECT hr.change_salary('MAIN', 'E1', 30000, '2026-03-01', 'year')",
    "SELECT hr.set_employee_numbers('MAIN', 'E1', '{}')",
    "SELECT hr.terminate_employee('MAIN', 'E1', '2026-06-30')",
)
CACHE = """SELECT to_jsonb(c) || jsonb_build_object('salaries', (
        SELECT jsonb_agg(to_jsonb(s) ORDER BY s.effective_from)
        FROM payroll.salary_cache AS s WHERE s.employee_id = c.employee_id))
    FROM payroll.employee_cache AS c WHERE c.employee_no = 'E1'"""


@pytest.fixture
def events(db: psycopg.Connection, books: Books) -> list[Any]:
    """The events of the life of E1."""
    hire(db, "E2", "5000")
    hire(db, "E1", "1000")
    for statement in HISTORY:
        db.execute(statement)
    return [
        id_
        for (id_,) in db.execute(
            """SELECT e.id FROM events.event_store AS e
            WHERE e.payload ->> 'employee_no' = 'E1' ORDER BY e.aggregate_version"""
        )
    ]


def handle(db: psycopg.Connection, event_id: Any) -> Any:
    return value(
        db,
        """SELECT payroll.cache_employee(e) FROM events.event_store AS e WHERE e.id = %s""",
        [event_id],
    )


def forget(db: psycopg.Connection) -> None:
    db.execute("DELETE FROM payroll.employee_cache WHERE employee_no = 'E1'")


def test_the_cache_is_what_hr_says_after_every_step(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E2", "5000")
    hire(db, "E1", "1000")
    for statement in HISTORY:
        assert offenders(db) == {}
        db.execute(statement)
    assert offenders(db) == {}
    results_eq(
        db,
        "SELECT name, department_code, manager_no, title, status, terminated_on::text, version"
        " FROM payroll.employee_cache WHERE employee_no = 'E1'",
        [("Other", "STORE", "E2", "Clerk", "terminated", "2026-06-30", 9)],
    )


def test_every_order_of_the_events_gives_the_same_cache(
    db: psycopg.Connection, events: list[Any]
) -> None:
    want = value(db, CACHE)
    orders = [events[::-1], events[4:] + events[:4], events[::2] + events[1::2]]
    orders += [[*rest, last] for *rest, last in itertools.permutations(events[-4:])]
    for order in orders:
        forget(db)
        with as_role(db, "pgerp_owner"):
            db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(want["tenant_id"])])
            for event_id in order:
                handle(db, event_id)
        assert value(db, CACHE) == want


def test_an_event_that_comes_late_or_twice_is_left_out(
    db: psycopg.Connection, events: list[Any]
) -> None:
    want = value(db, CACHE)
    for event_id in (events[0], events[-1]):
        assert handle(db, event_id)["is_late"] is True
        assert value(db, CACHE) == want


def test_the_check_finds_a_cache_that_differs(db: psycopg.Connection, events: list[Any]) -> None:
    for change in (
        "UPDATE payroll.employee_cache SET name = 'Wrong' WHERE employee_no = 'E1'",
        "UPDATE payroll.salary_cache SET amount = amount + 1",
        "DELETE FROM payroll.employee_cache WHERE employee_no = 'E1'",
    ):
        with db.transaction(force_rollback=True):
            db.execute(change)
            assert set(offenders(db)) == {"payroll/cache_equals_hr"}, change


def test_the_payload_is_the_whole_state(db: psycopg.Connection, events: list[Any]) -> None:
    payload = value(db, "SELECT payload FROM events.event_store WHERE id = %s", [events[-1]])
    assert payload.pop("employee_id")
    assert payload == json.loads(
        """{"version": 9, "employee_no": "E1", "name": "Other", "title": "Clerk",
        "department_code": "STORE", "department_name": "Store", "manager_no": "E2",
            "status": "terminated",
        "hired_on": "2025-01-01", "terminated_on": "2026-06-30", "effective_on": "2026-06-30",
        "salaries": [
            {"effective_from": "2025-01-01", "amount": 1000, "unit": "month",
             "currency_code": "USD"},
            {"effective_from": "2026-03-01", "amount": 30000, "unit": "year",
             "currency_code": "USD"}
        ]}"""
    )


def test_an_employee_who_is_not_in_hr_is_refused(db: psycopg.Connection, events: list[Any]) -> None:
    strange = """INSERT INTO payroll.employee_cache
        SELECT (jsonb_populate_record(c, '{"employee_no": "E9",
            "employee_id": "01890000-0000-7000-8000-000000000000"}')).*
        FROM payroll.employee_cache AS c WHERE c.employee_no = 'E1'"""
    throws(db, "23503", strange)
