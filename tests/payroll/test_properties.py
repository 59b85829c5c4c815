"""Whatever is earned, in whatever order: sums hold, caps are kept, and nothing is rounded twice."""

from __future__ import annotations

import random
from decimal import Decimal

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.books import offenders
from tests.payroll.staff import (
    calculate,
    hire,
    move_ledger_away,
    open_business,
    open_calendar,
    process,
)
from tests.pgtap import value

SALARY = st.decimals("0.01", "90000", places=2)
FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Per employee what the year came to, by the law and not by the runs.
DUE = """
SELECT r.employee_no,
    sum(r.social_security_tax) = round(least(sum(r.gross), 184500) * 0.062, 2),
    sum(r.employer_social_security) = round(least(sum(r.gross), 184500) * 0.062, 2),
    sum(r.medicare_tax)
        = round(sum(r.gross) * 0.0145 + greatest(sum(r.gross) - 200000, 0) * 0.009, 2)
FROM payroll.payroll_records AS r WHERE r.status = 'processing' GROUP BY 1"""


@FEW
@given(
    salaries=st.lists(SALARY, min_size=1, max_size=3),
    bonuses=st.lists(SALARY, min_size=3, max_size=3),
    seed=st.integers(0, 1000),
)
def test_the_year_is_due_to_the_cent_in_whatever_order_it_is_paid(
    db: psycopg.Connection, salaries: list[Decimal], bonuses: list[Decimal], seed: int
) -> None:
    with db.transaction(force_rollback=True):
        books = open_business(db, f"Year {seed}")
        move_ledger_away(db)
        numbers = [f"E{n}" for n in range(len(salaries))]
        for number, salary in zip(numbers, salaries, strict=True):
            hire(db, number, str(salary))
        open_calendar(db, *numbers, jurisdiction="US-IL")
        months = [1, 2, 3]
        random.Random(seed).shuffle(months)
        for month, bonus in zip(months, bonuses, strict=True):
            period = calculate(db, f"2026-{month:02}-01")
            db.execute(
                "SELECT payroll.add_run_item('MAIN', 'PAY', %s, 'E0', 'earning', 'bonus', %s)",
                [period, bonus],
            )
            db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period])
            process(db, books, period)
        rows = db.execute(DUE).fetchall()
        assert rows == [(number, True, True, True) for number in numbers]
        assert offenders(db) == {}


@FEW
@given(salaries=st.lists(SALARY, min_size=1, max_size=8, unique=True))
def test_a_record_is_what_it_is_whoever_else_is_paid(
    db: psycopg.Connection, salaries: list[Decimal]
) -> None:
    """Net is gross less all that is kept back; a run is its records; each by itself."""
    with db.transaction(force_rollback=True):
        open_business(db, "Kenya", currency="KES")
        for n, salary in enumerate(salaries):
            hire(db, f"K{n}", str(salary), business="KES")
        open_calendar(
            db, *(f"K{n}" for n in range(len(salaries))), jurisdiction="KE", business="KES"
        )
        broke = [s for s in salaries if s < 400]
        if broke:
            # SHIF is at least 300: it can exceed the pay, and is then an error, not a debt.
            db.execute(
                "DELETE FROM payroll.enrolments WHERE employee_id IN (SELECT employee_id"
                " FROM payroll.salary_cache WHERE amount < 400)"
            )
        calculate(db, "2026-03-01", business="KES")
        found = dict(db.execute("SELECT gross, net FROM payroll.payroll_records").fetchall())
        assert set(found) == {s for s in salaries if s >= 400}
        assert found == {gross: net_in_kenya(gross) for gross in found}
        assert (
            value(
                db,
                "SELECT bool_and(net = gross - taxes - deductions AND net >= 0)"
                " IS NOT false FROM payroll.payroll_records",
            )
            is True
        )
        assert offenders(db) == {}


def net_in_kenya(gross: Decimal) -> Decimal:
    """Return net pay of a month since February 2026, by the law written another way."""
    cent = Decimal("0.01")

    def half_up(amount: Decimal) -> Decimal:
        return amount.quantize(cent, "ROUND_HALF_UP")

    nssf = half_up(min(gross, Decimal(108000)) * Decimal("0.06"))
    shif = half_up(max(gross * Decimal("0.0275"), Decimal(300)))
    levy = half_up(gross * Decimal("0.015"))
    rest, tax = max(gross - nssf - shif - levy, Decimal(0)), Decimal(-2400)
    for width, rate in ((24000, "0.1"), (8333, "0.25"), (467667, "0.3"), (300000, "0.325")):
        part = min(rest, Decimal(width))
        tax += part * Decimal(rate)
        rest -= part
    tax += rest * Decimal("0.35")
    return gross - nssf - shif - levy - max(half_up(tax), Decimal(0))
