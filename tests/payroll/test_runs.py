"""Runs step by step: who may do what when, pay by days, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import (
    approve,
    as_user,
    calculate,
    hire,
    open_calendar,
    pay,
    process,
)
from tests.pgtap import results_eq, throws, value


def test_a_run_is_approved_by_another_user_than_who_calculated_it(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    open_calendar(db, "E1")
    period = calculate(db, "2026-01-01")
    approve_run = "SELECT payroll.approve_run('MAIN', 'PAY', %s)"
    throws(db, "ZY005", approve_run, [period])
    as_user(db, books, "bob")
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period])
    throws(db, "ZY005", approve_run, [period])
    as_user(db, books, "alice")
    db.execute(approve_run, [period])
    results_eq(
        db,
        "SELECT status::text, prepared_by, approved_by FROM payroll.runs",
        [("approved", "bob", "alice")],
    )
    # By no path.
    throws(db, "23514", "UPDATE payroll.runs SET approved_by = 'bob'")


def test_each_step_has_its_turn(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "1000")
    open_calendar(db, "E1")
    db.execute("SELECT payroll.create_run('MAIN', 'PAY', '2026-01-01')")
    period = ["2026-01"]
    for step in ("approve_run", "process_run", "pay_run"):
        throws(db, "ZY003", f"SELECT payroll.{step}('MAIN', 'PAY', %s)", period)
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", period)
    for step in ("process_run", "pay_run"):
        throws(db, "ZY003", f"SELECT payroll.{step}('MAIN', 'PAY', %s)", period)
    for status in ("processing", "processed", "paid"):
        throws(
            db,
            "ZY003",
            "UPDATE payroll.runs SET status = %s, approved_by = 'x', approved_at = now()",
            [status],
        )
    throws(
        db,
        "ZY003",
        "INSERT INTO payroll.runs SELECT (jsonb_populate_record(r,"
        ' \'{"status": "calculated", "period_code": "x"}\')).* FROM payroll.runs AS r',
    )
    throws(db, "ZY004", "UPDATE payroll.runs SET pay_date = pay_date + 1")


def test_calculating_again_gives_the_same_and_takes_the_approval_away(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3000")
    hire(db, "E2", "4000")
    open_calendar(db, "E1", "E2")
    period = calculate(db, "2026-01-01")
    rows = """SELECT r.id, r.net, i.kind, i.code, i.base, i.amount, i.employer_amount
        FROM payroll.payroll_records AS r INNER JOIN payroll.record_items AS i ON i.record_id = r.id
        ORDER BY r.id, i.kind, i.code"""
    first = db.execute(rows).fetchall()
    approve(db, books, period)
    assert value(db, "SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period]) == 2
    assert db.execute(rows).fetchall() == first
    assert value(db, "SELECT status::text FROM payroll.runs") == "calculated"


def test_what_is_in_the_books_does_not_change(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "3000")
    open_calendar(db, "E1")
    period = calculate(db, "2026-01-01")
    process(db, books, period)
    for statement in (
        "UPDATE payroll.payroll_records SET gross = gross + 1",
        "UPDATE payroll.payroll_records SET employee_no = 'E9'",
        "DELETE FROM payroll.payroll_records",
        "UPDATE payroll.record_items SET amount = amount + 1",
        "DELETE FROM payroll.record_items",
        """INSERT INTO payroll.record_items
        SELECT tenant_id, business_id, record_id, kind, 'x' FROM payroll.record_items""",
        "SELECT payroll.add_run_item('MAIN', 'PAY', '2026-01', 'E1', 'earning', 'bonus', 1)",
    ):
        throws(db, "ZY004", statement)
    throws(
        db,
        "ZY003",
        "UPDATE payroll.payroll_records SET status = 'pending', accounting_transaction_id = NULL",
    )
    assert value(db, "SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period]) == 0
    assert value(db, "SELECT status::text FROM payroll.runs") == "processed"


def test_net_cannot_be_anything_but_gross_less_taxes_and_deductions(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3000")
    open_calendar(db, "E1")
    calculate(db, "2026-01-01")
    throws(db, "428C9", "UPDATE payroll.payroll_records SET net = 1")
    throws(db, "23514", "UPDATE payroll.payroll_records SET federal_tax = gross + 1")


def test_pay_is_shared_out_by_days_for_joiners_leavers_and_raises(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3100", hired_on="2026-01-22")
    hire(db, "E2", "3100")
    hire(db, "E3", "3100")
    hire(db, "E4", "3100", hired_on="2026-02-01")
    db.execute("SELECT hr.terminate_employee('MAIN', 'E2', '2026-01-05')")
    db.execute("SELECT hr.change_salary('MAIN', 'E3', 6200, '2026-01-11')")
    open_calendar(db, "E1", "E2", "E3", "E4")
    period = calculate(db, "2026-01-01")
    results_eq(
        db,
        "SELECT employee_no, gross FROM payroll.payroll_records ORDER BY 1",
        # 10 of 31 days; 5 of them; 10 at 100 a day and 21 at 200.
        [("E1", Decimal(1000)), ("E2", Decimal(500)), ("E3", Decimal(5200))],
    )
    # Who has left is not in the next one.
    period = calculate(db, "2026-02-01")
    results_eq(
        db,
        """SELECT r.employee_no FROM payroll.payroll_records AS r
        INNER JOIN payroll.runs AS n ON n.id = r.run_id WHERE n.period_code = %s ORDER BY 1""",
        [("E1",), ("E3",), ("E4",)],
        [period],
    )


@pytest.mark.parametrize(
    ("frequency", "starts_on", "ends_on", "gross"),
    [
        ("weekly", "2026-01-12", "2026-01-18", "1000"),
        ("biweekly", "2026-01-19", "2026-02-01", "2000"),
        ("semimonthly", "2026-02-16", "2026-02-28", "2166.67"),
        ("semimonthly", "2026-02-01", "2026-02-15", "2166.67"),
        ("monthly", "2028-02-01", "2028-02-29", "4333.33"),
    ],
)
def test_each_frequency_has_its_periods(
    db: psycopg.Connection, books: Books, frequency: str, starts_on: str, ends_on: str, gross: str
) -> None:
    hire(db, "E1", "52000", unit="year", business="KES")
    open_calendar(db, "E1", frequency=frequency, jurisdiction="KE", business="KES")
    db.execute("UPDATE payroll.tax_rates SET effective_to = NULL")
    calculate(db, starts_on, business="KES")
    results_eq(
        db,
        "SELECT n.ends_on::text, r.gross FROM payroll.runs AS n"
        " INNER JOIN payroll.payroll_records AS r ON r.run_id = n.id",
        [(ends_on, Decimal(gross))],
    )


@pytest.mark.parametrize(
    ("frequency", "starts_on"),
    [
        ("weekly", "2026-01-13"),
        ("biweekly", "2026-01-12"),
        ("semimonthly", "2026-01-15"),
        ("monthly", "2026-01-16"),
        ("monthly", None),
    ],
)
def test_a_run_begins_where_a_period_does(
    db: psycopg.Connection, books: Books, frequency: str, starts_on: str | None
) -> None:
    open_calendar(db, frequency=frequency)
    throws(db, "ZY002", "SELECT payroll.create_run('MAIN', 'PAY', %s)", [starts_on])


def test_a_period_has_one_run(db: psycopg.Connection, books: Books) -> None:
    open_calendar(db)
    db.execute("SELECT payroll.create_run('MAIN', 'PAY', '2026-01-01')")
    throws(db, "23505", "SELECT payroll.create_run('MAIN', 'PAY', '2026-01-01')")
    throws(db, "23514", "SELECT payroll.create_run('MAIN', 'PAY', '2026-02-01', '2026-01-31')")


def test_two_runs_of_one_year_do_not_withhold_by_the_same_past(
    db: psycopg.Connection, books: Books
) -> None:
    """Both calculated before one is sent: the second would exceed the wage base."""
    hire(db, "E1", "100000")
    open_calendar(db, "E1")
    first, second = calculate(db, "2026-01-01"), calculate(db, "2026-02-01")
    process(db, books, second)
    approve(db, books, first)
    throws(db, "ZY007", "SELECT payroll.process_run('MAIN', 'PAY', %s)", [first])
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [first])
    process(db, books, first)
    # 184,500 less the 100,000 of February.
    assert pay(db, "E1", first)["social_security_tax"] == Decimal("5239.00")


def test_unknown_names_are_errors(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "3000")
    open_calendar(db, "E1")
    for call in (
        "create_run('MAIN', 'NONE', '2026-01-01')",
        "calculate_run('MAIN', 'PAY', '2026-09')",
        "calculate_run('MAIN', NULL, '2026-09')",
        "enrol_employee('MAIN', 'E9', 'PAY')",
        "enrol_employee('SIDE', 'E1', 'PAY')",
        "reverse_record('MAIN', 'PAY', '2026-09', 'E1', 'x')",
    ):
        throws(db, "ZY001", f"SELECT payroll.{call}")
    calculate(db, "2026-01-01")
    throws(db, "ZY003", "SELECT payroll.reverse_record('MAIN', 'PAY', '2026-01', 'E1', 'x')")
    throws(db, "23514", "SELECT payroll.enrol_employee('MAIN', 'E1', 'PAY', 'divorced')")
    throws(
        db, "22P02", "SELECT payroll.create_calendar('MAIN', 'X', 'X', 'daily', 'KE', now()::date)"
    )
    throws(
        db,
        "23514",
        "SELECT payroll.create_calendar('MAIN', 'X', 'X', 'weekly', 'Kenya', now()::date)",
    )
