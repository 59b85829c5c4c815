"""Pay that is less than what the law takes of it: nobody gets less than nothing, nobody waits."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.payroll.staff import (
    amounts,
    calculate,
    hire,
    open_calendar,
    open_year,
    pay,
    process,
)
from tests.pgtap import results_eq, throws, value

SLIP = """SELECT i.code, i.amount::float8, i.shortfall::float8
    FROM payroll.record_items AS i
    INNER JOIN payroll.payroll_records AS r ON r.id = i.record_id
    WHERE r.employee_no = %s AND i.kind = 'statutory' ORDER BY i.code"""


def test_a_joiner_who_earns_less_than_a_minimum_stops_nobody_and_is_shown(
    db: psycopg.Connection, books: Books
) -> None:
    # One day of 31: 250. NSSF takes 15 of it, SHIF at least 300, the housing levy 3.75.
    hire(db, "K1", "7750", business="KES", hired_on="2026-01-31")
    hire(db, "K2", "100000", business="KES")
    open_calendar(db, "K1", "K2", jurisdiction="KE", business="KES")
    period = calculate(db, "2026-01-01", business="KES")
    assert pay(db, "K1", period) == amounts(
        gross="250", nssf="15", shif="235", employer_costs="18.75"
    )
    assert pay(db, "K2", period)["net"] == amounts(net="71617.65")["net"]
    rows = db.execute(SLIP, ["K1"]).fetchall()
    assert rows == [("housing_levy", 0, 3.75), ("nssf", 15, 0), ("paye", 0, 0), ("shif", 235, 65)]
    results_eq(
        db,
        "SELECT employee_no, net::float8, shortfall::float8 FROM payroll.payslips ORDER BY 1",
        [("K1", 0, 68.75), ("K2", 71617.65, 0)],
    )
    assert (
        value(
            db,
            """SELECT i -> 'shortfall' FROM payroll.payslips AS p
            CROSS JOIN jsonb_array_elements(p.items) AS i
            WHERE p.employee_no = 'K1' AND i ->> 'code' = 'shif'""",
        )
        == 65
    )
    # It goes through the books and is paid: what was withheld is owed, and nothing to K1.
    process(db, books, period, business="KES")
    assert value(db, "SELECT payroll.pay_run('KES', 'PAY', %s)", [period]) == 2
    results_eq(
        db,
        "SELECT DISTINCT status::text FROM payroll.payroll_records",
        [("paid",)],
    )
    assert offenders(db) == {}


def test_what_is_due_of_the_year_is_made_up_for_by_later_pay(
    db: psycopg.Connection, books: Books
) -> None:
    # 20,000 were paid of which nobody withheld: 1,240 of social security are behind.
    hire(db, "E1", "500")
    open_calendar(db, "E1")
    open_year(db, "E1", "20000", security="0")
    withheld = []
    for month in (1, 2, 3, 4):
        period = calculate(db, f"2026-0{month}-01")
        withheld.append(pay(db, "E1", period).get("social_security_tax", 0))
        process(db, books, period)
    assert [str(amount) for amount in withheld] == ["500.00", "500.00", "333.00", "31.00"]
    assert (
        value(
            db,
            "SELECT sum(shortfall) FROM payroll.payslips WHERE period_code = '2026-04'",
        )
        == 0
    )
    assert offenders(db) == {}


def test_what_a_person_keeps_back_may_not_exceed_what_is_left(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "K1", "7750", business="KES", hired_on="2026-01-31")
    open_calendar(db, "K1", jurisdiction="KE", business="KES")
    period = calculate(db, "2026-01-01", business="KES")
    db.execute(
        "SELECT payroll.add_run_item('KES', 'PAY', %s, 'K1', 'deduction', 'advance', 1)", [period]
    )
    throws(db, "ZY006", "SELECT payroll.calculate_run('KES', 'PAY', %s)", [period])


@pytest.mark.parametrize("kind", ["earning", "deduction"])
def test_only_what_the_law_takes_falls_short(
    db: psycopg.Connection, books: Books, kind: str
) -> None:
    hire(db, "E1", "500")
    open_calendar(db, "E1")
    calculate(db, "2026-01-01")
    insert = """INSERT INTO payroll.record_items
            (tenant_id, business_id, record_id, kind, code, shortfall)
        SELECT tenant_id, business_id, id, %s, 'x', %s FROM payroll.payroll_records"""
    throws(db, "23514", insert, [kind, 1])
    throws(db, "23514", insert, ["statutory", -1])
