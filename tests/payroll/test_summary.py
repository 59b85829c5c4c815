"""What is read of runs: the summary, refreshed when it is due, and payslips."""

from __future__ import annotations

from decimal import Decimal

import psycopg

from tests.ledger.books import Books
from tests.payroll.staff import calculate, hire, move_ledger_away, open_calendar, process
from tests.pgtap import results_eq, value


def test_the_summary_is_refreshed_when_it_is_due_and_not_more_often(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3000")
    hire(db, "E2", "4000", department="STORE")
    open_calendar(db, "E1", "E2")
    refresh = "SELECT payroll.refresh_summary(%s)"
    assert value(db, refresh, ["0"]) is False
    process(db, books, calculate(db, "2026-01-01"))
    db.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
    summaries = """SELECT calendar_code, period_code, department_code, employees, gross, paid
        FROM payroll.run_summaries('MAIN')"""
    results_eq(db, summaries, [])
    assert value(db, refresh, ["1 hour"]) is True
    results_eq(
        db,
        summaries,
        [
            ("PAY", "2026-01", "SALES", 1, Decimal(3000), Decimal(0)),
            ("PAY", "2026-01", "STORE", 1, Decimal(4000), Decimal(0)),
        ],
    )
    db.execute("SELECT payroll.pay_run('MAIN', 'PAY', '2026-01')")
    assert value(db, refresh, ["1 hour"]) is False
    assert value(db, refresh, ["0"]) is True
    assert value(db, "SELECT sum(paid) FROM payroll.run_summaries('MAIN', '2026-01-31')") == value(
        db, "SELECT sum(net) FROM payroll.payroll_records"
    )
    assert value(db, refresh, ["0"]) is False
    results_eq(db, "SELECT * FROM payroll.run_summaries('MAIN', '2026-02-01')", [])
    results_eq(db, "SELECT * FROM payroll.run_summaries('SIDE')", [])


def test_a_payslip_says_how_the_pay_comes_about(db: psycopg.Connection, books: Books) -> None:
    hire(db, "K1", "100000", business="KES")
    open_calendar(db, "K1", jurisdiction="KE", business="KES")
    period = calculate(db, "2026-01-01", business="KES")
    move_ledger_away(db)
    process(db, books, period, business="KES")
    calculate(db, "2026-02-01", business="KES")
    results_eq(
        db,
        """SELECT p.period_code, p.employee_name, p.currency_code, p.gross, p.gross_to_date,
            p.status::text
        FROM payroll.payslips AS p ORDER BY 1""",
        [
            ("2026-01", "Name of K1", "KES", Decimal(100000), Decimal(100000), "processing"),
            ("2026-02", "Name of K1", "KES", Decimal(100000), Decimal(200000), "pending"),
        ],
    )
    results_eq(
        db,
        """SELECT i.item ->> 'kind', i.item ->> 'code', (i.item ->> 'base')::numeric,
            (i.item ->> 'amount')::numeric, (i.item ->> 'employer_amount')::numeric
        FROM payroll.payslips AS p CROSS JOIN jsonb_array_elements(p.items) AS i (item)
        WHERE p.period_code = '2026-01'""",
        [
            ("earning", "salary", 0, 100000, 0),
            ("statutory", "housing_levy", 100000, 1500, 1500),
            ("statutory", "nssf", 100000, 4320, 4320),
            ("statutory", "paye", 91430, Decimal("19812.35"), 0),
            ("statutory", "shif", 100000, 2750, 0),
        ],
    )
