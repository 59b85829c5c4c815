"""hr: nobody reports to oneself, through any number of managers, by no path and at no time."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, offenders
from tests.payroll.staff import hire, open_business
from tests.pgtap import results_eq, throws, value

MOVE = "SELECT hr.transfer_employee('MAIN', %s, 'SALES', '2026-01-01', p_manager_no => %s)"
LEAD = """UPDATE hr.employees AS e SET manager_id = m.id
    FROM (VALUES {}) AS v (no, manager_no)
    LEFT JOIN hr.employees AS m ON m.employee_no = v.manager_no
    WHERE e.employee_no = v.no"""
LINES = """SELECT e.employee_no, m.employee_no FROM hr.employees AS e
    LEFT JOIN hr.employees AS m ON m.id = e.manager_id ORDER BY 1"""


def test_a_line_of_managers_does_not_come_back(db: psycopg.Connection, books: Books) -> None:
    for number in ("A", "B", "C", "D"):
        hire(db, number, "1000")
    for number, manager in (("A", "B"), ("B", "C"), ("C", "D")):
        db.execute(MOVE, [number, manager])
    for manager in ("A", "B", "C"):
        throws(db, "ZH006", MOVE, ["D", manager])
    # By no path: a row, several at once, and what COPY does, rows that name each other.
    throws(db, "ZH006", LEAD.format("('D', 'A')"))
    throws(db, "ZH006", LEAD.format("('D', 'B'), ('C', NULL), ('B', 'D')"))
    throws(
        db,
        "ZH006",
        """INSERT INTO hr.employees (tenant_id, id, business_id, employee_no, name, department_id,
            manager_id, hired_on, effective_on)
        SELECT e.tenant_id, v.id::uuid, e.business_id, v.no, 'N', e.department_id,
            v.above::uuid, '2026-01-01', '2026-01-01'
        FROM hr.employees AS e
        CROSS JOIN (VALUES
            ('X', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'),
            ('Y', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001')
        ) AS v (no, id, above)
        WHERE e.employee_no = 'A'""",
    )
    # Turned round at once it is a line again.
    db.execute(LEAD.format("('A', NULL), ('B', 'A'), ('C', 'B'), ('D', 'C')"))
    results_eq(db, LINES, [("A", None), ("B", "A"), ("C", "B"), ("D", "C")])
    db.execute(
        "SELECT hr.hire_employee('MAIN', 'E', 'N', 'SALES', '2026-01-01', 1, p_manager_no => 'D')"
    )


@pytest.fixture
def committed(clone: str) -> Iterator[tuple[str, Books]]:
    """A committed database with the employees A, B and C."""
    with connect(clone) as conn:
        books = open_business(conn)
        for number in ("A", "B", "C"):
            hire(conn, number, "1000")
        conn.execute(MOVE, ["A", "B"])
    yield clone, books


def session(url: str, books: Books) -> psycopg.Connection:
    conn = connect(url)
    conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
    return conn


@pytest.mark.parametrize(
    ("isolation", "sqlstate"), [("READ COMMITTED", "ZH006"), ("REPEATABLE READ", "40001")]
)
def test_two_who_close_a_line_at_once_do_not_both(
    committed: tuple[str, Books], isolation: str, sqlstate: str
) -> None:
    url, books = committed
    with session(url, books) as one, session(url, books) as two, session(url, books) as observer:

        def close() -> None:
            with two.transaction():
                two.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
                assert value(two, "SELECT count(*) FROM hr.employees") == 3
                two.execute(MOVE, ["C", "A"])

        with one.transaction():
            one.execute(MOVE, ["B", "C"])
            other = Background(two, close)
            assert other.waits(observer)
        assert other.result() == sqlstate
        results_eq(observer, LINES, [("A", "B"), ("B", "C"), ("C", None)])
        assert offenders(observer) == {}
