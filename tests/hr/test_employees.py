"""hr: departments, employees and their history; who is what when, and what is refused."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.payroll.staff import as_user, hire
from tests.pgtap import as_role, results_eq, throws, value

TOKEN = "k1:gAAAAA" + "A" * 94
HASH = "k1:" + "0" * 64
NUMBERS = {
    f"{name}_{kind}": TOKEN if kind == "encrypted" else HASH
    for name in ("social_security", "national_id", "bank_account")
    for kind in ("encrypted", "hash")
}
STATE = """SELECT e.status::text, d.code, e.title, e.effective_on::text, e.version
    FROM hr.employees AS e INNER JOIN hr.departments AS d ON d.id = e.department_id
    WHERE e.employee_no = 'E1'"""
HISTORY = """SELECT h.version, h.old_status::text, h.new_status::text, o.code, n.code, h.old_title,
        h.new_title, h.effective_on::text, h.reason, h.changed_by
    FROM hr.employee_history AS h
    INNER JOIN hr.employees AS e ON e.id = h.employee_id
    LEFT JOIN hr.departments AS o ON o.id = h.old_department_id
    INNER JOIN hr.departments AS n ON n.id = h.new_department_id
    WHERE e.employee_no = 'E1' ORDER BY h.version"""


def test_a_life_at_work_is_kept_step_by_step(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "1000")
    assert (
        value(
            db,
            "SELECT hr.transfer_employee('MAIN', 'E1', 'STORE', '2025-02-01', 'Keeper',"
            " p_reason => 'Reorganised')",
        )
        == 2
    )
    assert value(db, "SELECT hr.start_leave('MAIN', 'E1', '2025-03-01', 'Parental')") == 3
    assert value(db, "SELECT hr.end_leave('MAIN', 'E1', '2025-06-01')") == 4
    assert value(db, "SELECT hr.rename_employee('MAIN', 'E1', 'Other name')") == 5
    assert value(db, "SELECT hr.terminate_employee('MAIN', 'E1', '2025-12-31', 'Moved')") == 6
    results_eq(db, STATE, [("terminated", "STORE", "Keeper", "2025-12-31", 6)])
    a, leave, end = "active", "on_leave", "terminated"
    results_eq(
        db,
        HISTORY,
        [
            (1, None, a, None, "SALES", None, None, "2025-01-01", None, "alice"),
            (2, a, a, "SALES", "STORE", None, "Keeper", "2025-02-01", "Reorganised", "alice"),
            (3, a, leave, "STORE", "STORE", "Keeper", "Keeper", "2025-03-01", "Parental", "alice"),
            (4, leave, a, "STORE", "STORE", "Keeper", "Keeper", "2025-06-01", None, "alice"),
            (6, a, end, "STORE", "STORE", "Keeper", "Keeper", "2025-12-31", "Moved", "alice"),
        ],
    )
    results_eq(
        db,
        "SELECT event_type, aggregate_version, (payload ->> 'version')::integer, actor"
        " FROM events.event_store ORDER BY aggregate_version",
        [
            ("hr.employee_hired", 1, 1, "alice"),
            ("hr.employee_transferred", 2, 2, "alice"),
            ("hr.employee_leave_started", 3, 3, "alice"),
            ("hr.employee_returned", 4, 4, "alice"),
            ("hr.employee_renamed", 5, 5, "alice"),
            ("hr.employee_terminated", 6, 6, "alice"),
        ],
    )
    assert offenders(db) == {}


@pytest.mark.parametrize(
    "call",
    [
        "transfer_employee('MAIN', 'E1', 'STORE', '2026-01-01', p_version => %s)",
        "change_salary('MAIN', 'E1', 1, '2026-01-01', p_version => %s)",
        "start_leave('MAIN', 'E1', '2026-01-01', p_version => %s)",
        "terminate_employee('MAIN', 'E1', '2026-01-01', p_version => %s)",
        "rename_employee('MAIN', 'E1', 'X', p_version => %s)",
        "set_employee_numbers('MAIN', 'E1', '{}', p_version => %s)",
    ],
)
def test_who_has_read_an_older_version_overwrites_nothing(
    db: psycopg.Connection, books: Books, call: str
) -> None:
    hire(db, "E1", "1000")
    db.execute("SELECT hr.rename_employee('MAIN', 'E1', 'Newer')")
    for stale in (1, 3):
        throws(db, "ZK001", f"SELECT hr.{call}", [stale])
    assert value(db, f"SELECT hr.{call}", [2]) == 3


def test_leave_and_the_end_have_their_turn(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "1000")
    throws(db, "ZH003", "SELECT hr.end_leave('MAIN', 'E1', '2026-01-01')")
    db.execute("SELECT hr.start_leave('MAIN', 'E1', '2026-01-01')")
    throws(db, "ZH003", "SELECT hr.start_leave('MAIN', 'E1', '2026-01-02')")
    db.execute("SELECT hr.terminate_employee('MAIN', 'E1', '2026-02-01')")
    for call in (
        "terminate_employee('MAIN', 'E1', '2026-02-01')",
        "start_leave('MAIN', 'E1', '2026-03-01')",
        "end_leave('MAIN', 'E1', '2026-03-01')",
        "transfer_employee('MAIN', 'E1', 'STORE', '2026-03-01')",
    ):
        throws(db, "ZH003", f"SELECT hr.{call}")
    # By no path.
    throws(db, "ZH003", "UPDATE hr.employees SET status = 'active', terminated_on = NULL")
    hire(db, "E2", "1000")
    throws(
        db,
        "ZH003",
        "SELECT hr.transfer_employee('MAIN', 'E2', 'STORE', '2026-03-01', p_manager_no => 'E1')",
    )
    throws(db, "ZH003", "SELECT hr.set_department_manager('MAIN', 'SALES', 'E1')")


def test_time_goes_on(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "1000")
    db.execute("SELECT hr.transfer_employee('MAIN', 'E1', 'STORE', '2026-03-01')")
    throws(db, "ZH004", "SELECT hr.start_leave('MAIN', 'E1', '2026-02-28')")
    throws(db, "ZH004", "SELECT hr.transfer_employee('MAIN', 'E1', 'SALES', '2026-02-28')")
    throws(db, "23514", "SELECT hr.terminate_employee('MAIN', 'E1', '2024-12-31')")
    throws(db, "23502", "SELECT hr.start_leave('MAIN', 'E1', NULL)")
    throws(db, "23514", "SELECT hr.terminate_employee('MAIN', 'E1', NULL)")


def test_a_salary_is_of_the_time_of_employment_and_stays_on_record(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    change = "SELECT hr.change_salary('MAIN', 'E1', %s, %s)"
    throws(db, "ZH004", change, ["1100", "2024-12-31"])
    db.execute(change, ["1100", "2026-01-01"])
    db.execute(change, ["1150", "2026-01-01"])
    throws(db, "22003", change, ["0.00001", "2026-01-01"])
    throws(db, "23514", change, ["0", "2026-01-01"])
    throws(db, "22P02", "SELECT hr.change_salary('MAIN', 'E1', 1, '2026-01-01', 'hour')")
    db.execute("SELECT hr.terminate_employee('MAIN', 'E1', '2026-06-30')")
    throws(db, "ZH004", change, ["1200", "2026-07-01"])
    results_eq(
        db,
        "SELECT effective_from::text, amount::text FROM hr.salaries ORDER BY 1",
        [("2025-01-01", "1000.0000"), ("2026-01-01", "1150.0000")],
    )
    for statement in (
        "DELETE FROM hr.salaries",
        "UPDATE hr.salaries SET effective_from = effective_from + 1",
        "UPDATE hr.salaries SET currency_code = 'KES'",
    ):
        throws(db, "ZH005", statement)


def test_history_and_identity_never_change(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "1000")
    for statement in (
        "UPDATE hr.employee_history SET reason = 'x'",
        "DELETE FROM hr.employee_history",
        "TRUNCATE hr.employee_history",
        "UPDATE hr.employees SET employee_no = 'E9'",
        "UPDATE hr.employees SET hired_on = hired_on - 1",
        "DELETE FROM hr.employees",
    ):
        throws(db, "ZH005", statement)


def test_sensitive_numbers_are_stored_encrypted_or_not_at_all(
    db: psycopg.Connection, books: Books
) -> None:
    hire_with = """SELECT hr.hire_employee('MAIN', %s, 'N', 'SALES', '2026-01-01', 1,
        p_numbers => %s)"""
    db.execute(hire_with, ["E1", json.dumps(NUMBERS)])
    throws(db, "23514", hire_with, ["E2", json.dumps(NUMBERS | {"national_id_encrypted": "123"})])
    throws(db, "23514", hire_with, ["E2", json.dumps({"bank_account_encrypted": TOKEN})])
    throws(db, "22023", hire_with, ["E2", json.dumps({"employee_no": "E3"})])
    throws(db, "22023", hire_with, ["E2", "[]"])
    set_numbers = "SELECT hr.set_employee_numbers('MAIN', 'E1', %s)"
    throws(db, "23514", set_numbers, [json.dumps({"bank_account_hash": "123"})])
    throws(db, "23514", set_numbers, [json.dumps({"bank_account_hash": None})])
    db.execute(
        set_numbers,
        [json.dumps({"bank_account_encrypted": None, "bank_account_hash": None})],
    )
    results_eq(
        db,
        "SELECT national_id_encrypted, bank_account_encrypted, bank_account_hash FROM hr.employees",
        [(TOKEN, None, None)],
    )
    assert (
        value(
            db,
            "SELECT count(*) FROM events.event_store WHERE payload::text LIKE %s",
            [f"%{TOKEN}%"],
        )
        == 0
    )
    assert (
        value(
            db,
            "SELECT count(*) FROM audit.log WHERE table_name = 'hr.employees'"
            " AND concat(old_row, new_row) LIKE %s",
            [f"%{TOKEN}%"],
        )
        == 0
    )


def test_names_that_do_not_exist_or_are_taken_are_errors(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    hire_as = "SELECT hr.hire_employee('MAIN', %s, %s, %s, '2026-01-01', 1, p_manager_no => %s)"
    throws(db, "23505", hire_as, ["E1", "N", "SALES", None])
    throws(db, "23502", hire_as, [None, "N", "SALES", None])
    throws(db, "23514", hire_as, ["E2", " ", "SALES", None])
    throws(db, "ZH002", hire_as, ["E2", "N", "NONE", None])
    throws(db, "ZH001", hire_as, ["E2", "N", "SALES", "E9"])
    throws(db, "ZH001", "SELECT hr.rename_employee('SIDE', 'E1', 'N')")
    throws(db, "ZH001", "SELECT hr.rename_employee('MAIN', NULL, 'N')")
    throws(db, "ZH002", "SELECT hr.set_department_manager('MAIN', NULL, NULL)")
    throws(db, "23505", "SELECT hr.create_department('MAIN', 'SALES', 'Again')")
    throws(db, "23514", "UPDATE hr.employees SET manager_id = id")


def test_an_employee_reports_and_leads_within_one_business(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    hire(db, "S1", "1000", business="SIDE")
    db.execute("SELECT hr.set_department_manager('MAIN', 'SALES', 'E1')")
    throws(db, "ZH001", "SELECT hr.set_department_manager('SIDE', 'SALES', 'E1')")
    throws(
        db,
        "23503",
        """UPDATE hr.employees SET manager_id = (
            SELECT id FROM hr.employees WHERE employee_no = 'S1'
        ) WHERE employee_no = 'E1'""",
    )
    results_eq(
        db,
        "SELECT d.code, e.employee_no FROM hr.departments AS d"
        " INNER JOIN hr.employees AS e ON e.id = d.manager_id",
        [("SALES", "E1")],
    )
    db.execute("SELECT hr.set_department_manager('MAIN', 'SALES', NULL)")
    assert value(db, "SELECT count(manager_id) FROM hr.departments") == 0


def test_employees_are_managed_by_who_may(db: psycopg.Connection, books: Books) -> None:
    as_user(db, books, "carol", "ledger.*", "payroll.*")
    with as_role(db, "pgerp_app"):
        throws(db, "ZI011", "SELECT hr.create_department('MAIN', 'X', 'X')")
        throws(db, "42501", "INSERT INTO hr.departments DEFAULT VALUES")
    as_user(db, books, "carol", "hr.manage_employees")
    with as_role(db, "pgerp_app"):
        db.execute("SELECT hr.create_department('MAIN', 'X', 'X', 'MAIN-1')")
