"""hr after a restore: its rows become what its events say, and nobody overwrites what is newer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgerp.services.publications import EVENT_COLUMNS
from tests.hr.queries import HISTORY, STATE
from tests.hr.test_employees import NUMBERS
from tests.ledger.books import Books, offenders
from tests.payroll.staff import hire
from tests.pgtap import as_role, is_empty, results_eq, throws, value

TAKE_BACK = "SELECT hr.take_back(%s)"
KNOWN = "SELECT employee_no, version, name FROM payroll.employee_cache ORDER BY 1"


@contextmanager
def forgotten(db: psycopg.Connection, books: Books) -> Iterator[None]:
    """Forget what is done, as a restore does, and have the events of it back, as resync does."""
    known = [id for (id,) in db.execute("SELECT id FROM events.event_store").fetchall()]
    with db.transaction(force_rollback=True):
        yield
        columns = EVENT_COLUMNS.replace("payload", "payload::text")
        lost = db.execute(
            f"SELECT {columns} FROM events.event_store WHERE id <> ALL (%s) ORDER BY id".encode(),
            [known],
        ).fetchall()
    bring(db, lost)


def bring(db: psycopg.Connection, lost: list[tuple[object, ...]]) -> None:
    with db.transaction():
        db.execute("SET LOCAL session_replication_role = replica")
        for row in lost:
            db.execute(
                f"INSERT INTO events.event_store ({EVENT_COLUMNS})"
                f" VALUES ({', '.join(['%s'] * 13)})".encode(),
                row,
            )
        db.execute("SET LOCAL session_replication_role = origin")
    db.execute(
        """INSERT INTO events.stream_heads AS h
        SELECT tenant_id, aggregate_type, aggregate_id, max(aggregate_version)
        FROM events.event_store WHERE aggregate_type = 'employee' GROUP BY 1, 2, 3
        ON CONFLICT (tenant_id, aggregate_type, aggregate_id)
        DO UPDATE SET version = greatest(h.version, excluded.version)"""
    )


def take_back(db: psycopg.Connection, books: Books) -> list[str]:
    """Have hr take back what it lost, and payroll act upon what came; return what hr said."""
    said = [row[0] for row in db.execute(TAKE_BACK, [books.tenant_id]).fetchall()]
    while value(db, "SELECT handled FROM events.work(%s)", [books.tenant_id]):
        pass
    return said


def live(db: psycopg.Connection) -> None:
    """Do one of each: hire with numbers, move, raise, leave, return, rename, end."""
    db.execute("SELECT hr.create_department('MAIN', 'NEW', 'New one', 'NEW-2026')")
    hire(db, "E3", "3000")
    hire(db, "E2", "2000", unit="year", department="NEW")
    db.execute("SELECT hr.transfer_employee('MAIN', 'E1', 'NEW', '2026-02-01', 'Head')")
    db.execute(
        "SELECT hr.transfer_employee('MAIN', 'E2', 'STORE', '2026-02-02', p_manager_no => 'E1')"
    )
    db.execute("SELECT hr.change_salary('MAIN', 'E1', 1500.25, '2026-03-01', p_reason => 'Raise')")
    db.execute("SELECT hr.change_salary('MAIN', 'E3', 3500, '2026-12-01')")
    db.execute("SELECT hr.change_salary('MAIN', 'E1', 1600, '2026-03-01')")
    db.execute("SELECT hr.start_leave('MAIN', 'E1', '2026-03-01', 'Parental')")
    db.execute("SELECT hr.end_leave('MAIN', 'E1', '2026-04-01')")
    db.execute("SELECT hr.rename_employee('MAIN', 'E1', 'Other')")
    db.execute("SELECT hr.terminate_employee('MAIN', 'E3', '2026-06-30')")
    db.execute("SELECT hr.set_employee_numbers('MAIN', 'E1', '{}')")


def test_what_was_lost_is_as_it_was_with_its_versions_and_marked(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    hire(db, "S1", "1000", business="SIDE")
    with forgotten(db, books):
        live(db)
        state, history, known = (db.execute(q).fetchall() for q in (STATE, HISTORY, KNOWN))  # type: ignore[call-overload]
    assert db.execute(STATE).fetchall() != state
    said = take_back(db, books)
    results_eq(db, STATE, state)
    results_eq(db, HISTORY, history)
    results_eq(db, KNOWN, known)
    events, numbers, department = said
    assert events.startswith("12 events of 3 employees taken back; reasons of changes and of")
    assert "set those of E1, E2, E3 again (hr.set_employee_numbers)" in numbers
    assert department.startswith("department NEW made again as the events have it; set who leads")
    marked = "count(*) FILTER (WHERE reason LIKE 'Taken back from event %%')"
    results_eq(
        db,
        f"SELECT count(*) - 2, {marked} FROM hr.employee_history",
        [(7, 7)],
    )
    assert value(db, f"SELECT {marked} FROM hr.salaries", []) == 4
    assert offenders(db) == {}
    # Again it does nothing, and life goes on after the last version.
    assert take_back(db, books) == []
    assert value(db, "SELECT hr.rename_employee('MAIN', 'E1', 'Later')") == 9
    results_eq(db, f"{KNOWN} LIMIT 1", [("E1", 9, "Later")])


def test_numbers_that_the_backup_has_stay(db: psycopg.Connection, books: Books) -> None:
    db.execute(
        "SELECT hr.hire_employee('MAIN', 'E1', 'N', 'SALES', '2026-01-01', 1, p_numbers => %s)",
        [psycopg.types.json.Jsonb(NUMBERS)],
    )
    with forgotten(db, books):
        db.execute("SELECT hr.rename_employee('MAIN', 'E1', 'M')")
    assert not any("sensitive" in sentence for sentence in take_back(db, books))
    results_eq(
        db,
        "SELECT name, bank_account_hash FROM hr.employees",
        [("M", NUMBERS["bank_account_hash"])],
    )


def test_nobody_uses_a_version_again_before_it_was_taken_back(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    with forgotten(db, books):
        db.execute("SELECT hr.change_salary('MAIN', 'E1', 2000, '2026-03-01')")
        db.execute("SELECT hr.rename_employee('MAIN', 'E1', 'Lost')")
    for _ in range(2):
        throws(db, "ZH007", "SELECT hr.rename_employee('MAIN', 'E1', 'Reused')")
    assert set(offenders(db)) >= {"hr/events_tell_the_state"}
    take_back(db, books)
    assert value(db, "SELECT hr.rename_employee('MAIN', 'E1', 'Later')") == 4
    assert offenders(db) == {}


def test_who_was_changed_after_the_restore_stays_so_and_everybody_learns_it(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    hire(db, "E2", "1000")
    lost: list[tuple[object, ...]] = []
    columns = EVENT_COLUMNS.replace("payload", "payload::text")
    with db.transaction(force_rollback=True):
        for name in ("Lost", "Lost twice", "Lost thrice"):
            db.execute("SELECT hr.rename_employee('MAIN', 'E1', %s)", [name])
        db.execute("SELECT hr.change_salary('MAIN', 'E2', 2000, '2026-03-01')")
        lost = db.execute(
            f"SELECT {columns} FROM events.event_store WHERE event_type <> 'hr.employee_hired'"
            " ORDER BY id".encode()
        ).fetchall()
    db.execute("SELECT hr.change_salary('MAIN', 'E1', 1200, '2026-02-01')")
    bring(db, lost)
    # Payroll elsewhere has heard of what was lost, and takes the same number for late.
    db.execute("UPDATE payroll.employee_cache SET version = 4, name = 'Lost thrice'")
    said = take_back(db, books)
    assert said[0] == (
        "employee E1 was changed after the restore, and stays as hr has it now, version 5; what the"
        " events of version 2 and later say besides has to be done again"
    )
    assert said[1].startswith("1 events of 1 employees taken back")
    results_eq(
        db,
        "SELECT employee_no, name, version FROM hr.employees ORDER BY 1",
        [("E1", "Name of E1", 5), ("E2", "Name of E2", 2)],
    )
    results_eq(db, f"{KNOWN} LIMIT 1", [("E1", 5, "Name of E1")])
    results_eq(
        db,
        """SELECT s.amount::text FROM payroll.salary_cache AS s
        INNER JOIN payroll.employee_cache AS c USING (employee_id)
        WHERE c.employee_no = 'E1' ORDER BY s.effective_from""",
        [("1000.0000",), ("1200.0000",)],
    )
    assert take_back(db, books) == []
    assert value(db, "SELECT hr.rename_employee('MAIN', 'E1', 'Later')") == 6


def test_who_cannot_be_taken_back_is_named_and_hinders_nobody(
    db: psycopg.Connection, books: Books
) -> None:
    with forgotten(db, books):
        hire(db, "E1", "1000")
        hire(db, "E2", "1000")
    # A number that was given to somebody else meanwhile.
    db.execute("DELETE FROM events.pending")
    hire(db, "E1", "500")
    said = take_back(db, books)
    assert said[0].startswith("1 events of 1 employees taken back")
    assert said[-1].startswith("employee E1 cannot be taken back: duplicate key")
    assert said[-1].endswith("(23505); mend that and resync again")
    assert set(offenders(db)) >= {"hr/events_tell_the_state"}
    is_empty(db, "SELECT FROM hr.employees WHERE employee_no = 'E1' AND name = 'Else'")


def test_a_department_of_older_events_has_to_be_made_first(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    lost: list[tuple[object, ...]] = []
    columns = EVENT_COLUMNS.replace("payload", "(payload - 'department_name')::text")
    with db.transaction(force_rollback=True):
        db.execute("SELECT hr.create_department('MAIN', 'NEW', 'New one')")
        db.execute("SELECT hr.transfer_employee('MAIN', 'E1', 'NEW', '2026-02-01')")
        lost = db.execute(
            f"SELECT {columns} FROM events.event_store"
            " WHERE event_type = 'hr.employee_transferred'".encode()
        ).fetchall()
    bring(db, lost)
    (refused,) = take_back(db, books)
    assert refused.startswith("employee E1 cannot be taken back: no such department: NEW (ZH002)")
    db.execute("SELECT hr.create_department('MAIN', 'NEW', 'New one')")
    assert len(take_back(db, books)) == 1
    assert value(db, "SELECT version FROM hr.employees") == 2


@pytest.mark.parametrize("role", ["pgerp_app", "pgerp_worker", "pgerp_auditor"])
def test_only_operators_have_hr_take_back(db: psycopg.Connection, books: Books, role: str) -> None:
    with as_role(db, role):
        throws(db, "42501", TAKE_BACK, [books.tenant_id])
