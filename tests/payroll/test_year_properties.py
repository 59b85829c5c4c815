"""A year of pay of anybody, in both countries, against the law written another way."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.books import offenders
from tests.payroll.staff import (
    calculate,
    hire,
    open_business,
    open_calendar,
    open_year,
    process,
)
from tests.pgtap import value

YEAR = 2026
FEW = settings(
    max_examples=8,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DAYS = st.dates(dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31))
# From 20,000 on the pay of one day is more than what Kenya takes at least; every band is reached.
SALARIES = st.decimals(20000, 150000, places=2) | st.decimals(100000, 1200000, places=2)

RECORDS = """
SELECT r.employee_no, date_part('month', r.pay_date)::integer AS month, r.gross, r.net, r.taxes,
    r.deductions, r.federal_tax, r.state_tax, r.social_security_tax, r.medicare_tax,
    r.employer_social_security, r.employer_medicare, r.paye, r.nssf, r.shif, r.housing_levy,
    r.employer_nssf, r.employer_housing_levy, r.other_deductions
FROM payroll.payroll_records AS r
WHERE r.status = 'processed' AND r.tenant_id = identity.current_tenant()
ORDER BY r.employee_no, r.pay_date"""


@dataclass
class Person:
    """Somebody who is employed; from when until when, and what is earned from which day."""

    hired_on: dt.date
    last_day: dt.date
    salary: Decimal
    raised_on: dt.date | None
    raised_to: Decimal
    opening: Decimal
    extras: dict[int, tuple[str, Decimal]] = field(default_factory=dict)

    def earned(self, month: int) -> Fraction:
        """Return the gross of a month, day by day and with what the run adds."""
        length = calendar.monthrange(YEAR, month)[1]
        total = Fraction(0)
        for number in range(1, length + 1):
            day = dt.date(YEAR, month, number)
            if self.hired_on <= day <= self.last_day:
                is_raised = self.raised_on is not None and day >= self.raised_on
                total += Fraction(self.raised_to if is_raised else self.salary) / length
        total = cents(total)
        kind, amount = self.extras.get(month, ("", Decimal(0)))
        if kind == "absence":
            return total - min(Fraction(amount), total / 2 // 1)
        return total + (Fraction(amount) if kind == "earning" else 0)

    def works(self, month: int) -> bool:
        """Return whether a day of a month is one of employment."""
        length = calendar.monthrange(YEAR, month)[1]
        first, last = dt.date(YEAR, month, 1), dt.date(YEAR, month, length)
        return self.hired_on <= last and self.last_day >= first


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    """Draw up to three people, with a raise, an opening balance and items of runs for some."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted((draw(DAYS), draw(DAYS)))
        hired_on = draw(st.sampled_from([dt.date(2025, 1, 1), start]))
        last_day = draw(st.sampled_from([dt.date(YEAR, 12, 31), end]))
        raised_on = draw(st.none() | st.dates(hired_on, last_day))
        extras = draw(
            st.dictionaries(
                st.integers(1, 12),
                st.tuples(st.sampled_from(["earning", "absence"]), SALARIES),
                max_size=3,
            )
        )
        found.append(
            Person(
                hired_on,
                last_day,
                draw(SALARIES),
                raised_on,
                draw(SALARIES),
                draw(st.sampled_from([Decimal(0), Decimal(150000), Decimal("184499.99")])),
                extras,
            )
        )
    return found


MONTHS = st.lists(st.integers(1, 12), min_size=2, max_size=5, unique=True).map(sorted)


def cents(amount: Fraction) -> Fraction:
    """Return an amount rounded half up to cents."""
    return Fraction(int(amount * 100 + Fraction(1, 2)), 100)


def part(amount: Fraction, low: int, high: int | None = None) -> Fraction:
    """Return what of an amount lies between two bounds."""
    return max(min(amount, high) if high else amount, Fraction(low)) - low


def in_kenya(gross: Fraction, month: int) -> dict[str, Fraction]:
    """Return what is withheld of a month's gross, by the laws that docs/payroll.md names."""
    if gross == 0:
        return dict.fromkeys(("nssf", "shif", "housing_levy", "paye"), Fraction(0))
    found = {
        "nssf": cents(min(gross, Fraction(72000 if month == 1 else 108000)) * Fraction(6, 100)),
        "shif": cents(max(gross * Fraction(275, 10000), Fraction(300))),
        "housing_levy": cents(gross * Fraction(15, 1000)),
    }
    rest = max(gross - sum(found.values()), Fraction(0))
    tax = (
        rest * Fraction(1, 10)
        + part(rest, 24000) * Fraction(15, 100)
        + part(rest, 32333) * Fraction(5, 100)
        + part(rest, 500000) * Fraction(25, 1000)
        + part(rest, 800000) * Fraction(25, 1000)
    )
    return found | {"paye": cents(max(tax - 2400, Fraction(0)))}


def in_illinois(gross: Fraction) -> dict[str, Fraction]:
    """Return federal and state tax of a single's month."""
    rest = max(gross * 12 - 16100, Fraction(0))
    steps = [
        (0, 10), (12400, 2), (50400, 10), (105700, 2), (201775, 8), (256225, 3), (640600, 2)
    ]  # fmt: skip
    tax = sum((part(rest, low) * more / 100 for low, more in steps), Fraction(0))
    return {"federal_tax": cents(tax / 12), "state_tax": cents(gross * Fraction(495, 10000))}


def pay_year(
    db: psycopg.Connection, staff: list[Person], months: list[int], name: str, jurisdiction: str
) -> list[dict[str, Any]]:
    """Pay some months of a year; return the records, with amounts as fractions."""
    business = "KES" if jurisdiction == "KE" else "MAIN"
    books = open_business(db, name, currency="KES" if business == "KES" else "USD")
    numbers = [f"E{n}" for n in range(len(staff))]
    for number, one in zip(numbers, staff, strict=True):
        hire(db, number, str(one.salary), hired_on=str(one.hired_on), business=business)
        if one.raised_on:
            change = "SELECT hr.change_salary(%s, %s, %s, %s)"
            db.execute(change, [business, number, one.raised_to, one.raised_on])
        db.execute("SELECT hr.terminate_employee(%s, %s, %s)", [business, number, one.last_day])
    open_calendar(db, *numbers, jurisdiction=jurisdiction, business=business)
    for number, one in zip(numbers, staff, strict=True):
        if one.opening and business == "MAIN":
            open_year(db, number, str(one.opening))
    for month in months:
        period = calculate(db, f"{YEAR}-{month:02}-01", business=business)
        for number, one in zip(numbers, staff, strict=True):
            kind, amount = one.extras.get(month, ("", Decimal(0)))
            if not kind or not one.works(month):
                continue
            if kind == "absence":
                whole = Person(**{**one.__dict__, "extras": {}}).earned(month)
                amount = Decimal(int(min(Fraction(amount), whole / 2 // 1)))
                if amount == 0:
                    continue
                one.extras[month] = (kind, amount)
            db.execute(
                "SELECT payroll.add_run_item(%s, 'PAY', %s, %s, %s, 'extra', %s)",
                [business, period, number, kind, amount],
            )
        db.execute("SELECT payroll.calculate_run(%s, 'PAY', %s)", [business, period])
        process(db, books, period, business=business)
    cursor = db.execute(RECORDS)
    names = [column.name for column in cursor.description or []]
    return [
        {
            key: Fraction(found) if isinstance(found, Decimal) else found
            for key, found in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]


def check_all(records: list[dict[str, Any]], staff: list[Person], months: list[int]) -> None:
    """Who works is paid, by days; net is what is left; nothing is negative."""
    assert [(r["employee_no"], r["month"]) for r in records] == [
        (f"E{n}", month) for n, one in enumerate(staff) for month in months if one.works(month)
    ]
    for record in records:
        one = staff[int(record["employee_no"][1:])]
        assert record["gross"] == one.earned(record["month"])
        assert record["net"] == record["gross"] - record["taxes"] - record["deductions"]
        assert all(amount >= 0 for amount in record.values() if isinstance(amount, Fraction))


@FEW
@given(staff=people(), months=MONTHS, seed=st.integers(0, 999))
def test_a_year_in_the_united_states(
    db: psycopg.Connection, staff: list[Person], months: list[int], seed: int
) -> None:
    with db.transaction(force_rollback=True):
        records = pay_year(db, staff, months, f"US {seed}", "US-IL")
        check_all(records, staff, months)
        for record in records:
            due = in_illinois(record["gross"])
            assert {name: record[name] for name in due} == due
        for n, one in enumerate(staff):
            mine = [r for r in records if r["employee_no"] == f"E{n}"]
            if not mine:
                continue
            opening = Fraction(one.opening)
            total = sum((r["gross"] for r in mine), opening)
            before = cents(min(opening, Fraction(184500)) * Fraction(62, 1000))
            capped = cents(min(total, Fraction(184500)) * Fraction(62, 1000))
            for name in ("social_security_tax", "employer_social_security"):
                assert before + sum(r[name] for r in mine) == capped <= 11439
            before = cents(opening * Fraction(145, 10000))
            medicare = total * Fraction(145, 10000)
            assert before + sum(r["employer_medicare"] for r in mine) == cents(medicare)
            additional = part(total, 200000) * Fraction(9, 1000)
            assert before + sum(r["medicare_tax"] for r in mine) == cents(medicare + additional)
        assert offenders(db) == {}


@FEW
@given(staff=people(), months=MONTHS, seed=st.integers(0, 999))
def test_a_year_in_kenya(
    db: psycopg.Connection, staff: list[Person], months: list[int], seed: int
) -> None:
    with db.transaction(force_rollback=True):
        records = pay_year(db, staff, months, f"KE {seed}", "KE")
        check_all(records, staff, months)
        for record in records:
            due = in_kenya(record["gross"], record["month"])
            assert {name: record[name] for name in due} == due
            assert record["nssf"] == record["employer_nssf"] <= 6480
            assert record["housing_levy"] == record["employer_housing_levy"]
        assert offenders(db) == {}


@FEW
@given(staff=people(), months=MONTHS, seed=st.integers(0, 999), data=st.data())
def test_reversed_and_calculated_again_is_as_never_paid(
    db: psycopg.Connection, staff: list[Person], months: list[int], seed: int, data: st.DataObject
) -> None:
    with db.transaction(force_rollback=True):
        records = pay_year(db, staff, months, f"Back {seed}", "US-IL")
        if not records or records[-1]["month"] != months[-1]:
            return
        last = [r for r in records if r["month"] == months[-1]]
        back = data.draw(st.sampled_from(last))["employee_no"]
        period = f"{YEAR}-{months[-1]:02}"
        db.execute("SELECT payroll.reverse_record('MAIN', 'PAY', %s, %s, 'x')", [period, back])
        assert value(db, "SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period]) == 1
        anew = db.execute(RECORDS.replace("'processed'", "'pending'")).fetchall()
        assert [tuple(next(r for r in last if r["employee_no"] == back).values())] == anew
        # In the books nothing is left of it.
        assert offenders(db) == {}
