"""Each day of employment is paid once: by one run, whatever calendars and salaries follow."""

from __future__ import annotations

from decimal import Decimal

import psycopg

from tests.ledger.books import Books, offenders
from tests.payroll.staff import approve, calculate, hire, open_calendar, pay, process
from tests.pgtap import results_eq, throws, value

TO_WEEKS = """
SELECT payroll.create_calendar('MAIN', 'WEEK', 'W', 'weekly', 'US-TX', '2026-01-05');
SELECT payroll.enrol_employee('MAIN', 'E1', 'WEEK')"""
GROSS = """SELECT n.period_code, r.gross FROM payroll.payroll_records AS r
INNER JOIN payroll.runs AS n ON n.id = r.run_id WHERE r.employee_no = 'E1' ORDER BY n.starts_on"""


def test_what_a_month_has_paid_no_week_pays_again(db: psycopg.Connection, books: Books) -> None:
    """52,000 a year by months, then by weeks: of 26 January to 1 February one day is left."""
    hire(db, "E1", "52000", unit="year")
    hire(db, "E2", "52000", unit="year")
    open_calendar(db, "E1", "E2")
    process(db, books, calculate(db, "2026-01-01"))
    db.execute(TO_WEEKS)
    db.execute("SELECT payroll.enrol_employee('MAIN', 'E2', 'WEEK')")
    hire(db, "E3", "52000", unit="year")
    db.execute("SELECT payroll.enrol_employee('MAIN', 'E3', 'WEEK')")
    for starts_on in ("2026-01-19", "2026-01-26"):
        db.execute("SELECT payroll.create_run('MAIN', 'WEEK', %s)", [starts_on])
        db.execute("SELECT payroll.calculate_run('MAIN', 'WEEK', %s)", [starts_on])
    results_eq(
        db,
        GROSS,
        [
            ("2026-01", Decimal("4333.33")),
            ("2026-01-19", Decimal(0)),
            ("2026-01-26", Decimal("142.86")),
        ],
    )
    # Nobody else is held up.
    assert pay(db, "E3", "2026-01-19")["gross"] == Decimal(1000)


def test_what_weeks_have_paid_the_month_leaves_out(db: psycopg.Connection, books: Books) -> None:
    """12 to 18 January are paid; a month of 31 days pays the 24 others: 3,100 by 31 a day."""
    hire(db, "E1", "3100")
    open_calendar(db, "E1", frequency="weekly")
    process(db, books, calculate(db, "2026-01-12"))
    db.execute(
        "SELECT payroll.create_calendar('MAIN', 'MONTH', 'M', 'monthly', 'US-TX', '2026-01-01')"
    )
    db.execute("SELECT payroll.enrol_employee('MAIN', 'E1', 'MONTH')")
    db.execute("SELECT payroll.create_run('MAIN', 'MONTH', '2026-01-01')")
    db.execute("SELECT payroll.calculate_run('MAIN', 'MONTH', '2026-01')")
    assert pay(db, "E1", "2026-01")["gross"] == Decimal(2400)
    # Reversed, the week is not paid, and the month pays it.
    db.execute("SELECT payroll.reverse_record('MAIN', 'PAY', '2026-01-12', 'E1', 'By the month')")
    db.execute("SELECT payroll.calculate_run('MAIN', 'MONTH', '2026-01')")
    assert pay(db, "E1", "2026-01")["gross"] == Decimal(3100)
    assert offenders(db) == {}


def test_both_calculated_before_one_is_sent_the_second_is_calculated_again(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3100")
    open_calendar(db, "E1")
    month = calculate(db, "2026-01-01")
    approve(db, books, month)
    db.execute(TO_WEEKS)
    db.execute("SELECT payroll.create_run('MAIN', 'WEEK', '2026-01-12')")
    db.execute("SELECT payroll.calculate_run('MAIN', 'WEEK', '2026-01-12')")
    db.execute("SELECT payroll.process_run('MAIN', 'PAY', %s)", [month])
    db.execute("SET LOCAL session_replication_role = replica")
    db.execute(
        "UPDATE payroll.runs SET status = 'approved', approved_by = 'bob', approved_at = now()"
        " WHERE period_code = '2026-01-12'"
    )
    db.execute("SET LOCAL session_replication_role = origin")
    throws(db, "ZY007", "SELECT payroll.process_run('MAIN', 'WEEK', '2026-01-12')")


def test_a_salary_in_another_currency_ends_the_one_before(
    db: psycopg.Connection, books: Books
) -> None:
    """From the 16th on it is paid in shillings: dollars are not paid on, nor half a month."""
    hire(db, "E1", "3100")
    open_calendar(db, "E1")
    db.execute(
        """INSERT INTO payroll.salary_cache
        SELECT tenant_id, business_id, employee_id, '2026-01-16', amount, unit, 'KES'
        FROM payroll.salary_cache"""
    )
    db.execute("SELECT payroll.create_run('MAIN', 'PAY', '2026-01-01')")
    throws(db, "ZY006", "SELECT payroll.calculate_run('MAIN', 'PAY', '2026-01')")


def test_nobody_is_named_as_preparer_or_approver_but_who_does_it(
    db: psycopg.Connection, books: Books
) -> None:
    """Alice calculates, and would approve: as bob, or with bob as who calculated."""
    hire(db, "E1", "1000")
    open_calendar(db, "E1")
    period = calculate(db, "2026-01-01")
    approved = "status = 'approved', approved_at = now(), approved_by = "
    for change in (
        approved + "'bob'",
        approved + "'alice', prepared_by = 'bob'",
        "prepared_by = 'bob'",
        "prepared_by = 'bob', status = 'calculated'",
    ):
        throws(db, "ZY005", f"UPDATE payroll.runs SET {change}")
    approve(db, books, period)
    throws(db, "ZY005", "UPDATE payroll.runs SET approved_by = 'carol'")
    assert value(db, "SELECT approved_by FROM payroll.runs") == "bob"


def test_without_any_pay_there_is_nothing_to_withhold_or_post(
    db: psycopg.Connection, books: Books
) -> None:
    """Unpaid all month: no minimum of SHIF, no entry; the run is processed all the same."""
    hire(db, "K1", "50000", business="KES")
    open_calendar(db, "K1", jurisdiction="KE", business="KES")
    period = calculate(db, "2026-03-01", business="KES")
    db.execute(
        "SELECT payroll.add_run_item('KES', 'PAY', %s, 'K1', 'absence', 'unpaid', 50000)", [period]
    )
    db.execute("SELECT payroll.calculate_run('KES', 'PAY', %s)", [period])
    assert pay(db, "K1", period) == {}
    process(db, books, period, business="KES")
    results_eq(
        db,
        "SELECT r.status::text, r.accounting_transaction_id FROM payroll.payroll_records AS r",
        [("processed", None)],
    )
    assert offenders(db) == {}
