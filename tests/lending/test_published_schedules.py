"""Schedules that others have published, figure by figure, with where they are from."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.lending.terms import preview

# Principal, rate, months, payment.
PAYMENTS = {
    # Microsoft, Excel's PMT function, first example: PMT(8%/12, 10, 10000).
    "excel": ("10000", "8", 10, "1037.03"),
    # Casio, ClassPad 330 user manual, 15-5: a mortgage, PMT = -837.9966279.
    "classpad": ("100000", "8.025", 240, "838.00"),
    # Casio, BF-100 manual, 6-3: monthly payment of a loan to buy a house, 429.842047.
    "bf-100": ("40000", "10", 180, "429.84"),
    # US Regulation Z (12 CFR 1026), appendix H, sample H-25(B), fixed rate loan.
    "h-25": ("162000", "3.875", 360, "761.78"),
}


@pytest.mark.parametrize("name", PAYMENTS)
def test_equal_instalments_are_the_published_payment(db: psycopg.Connection, name: str) -> None:
    principal, rate, months, payment = PAYMENTS[name]
    rows = preview(db, principal, rate, months, "2026-01-15")
    assert {row.amount for row in rows[:-1]} == {Decimal(payment)}


def test_the_payment_of_a_published_annual_percentage_rate(db: psycopg.Connection) -> None:
    # US Regulation Z (12 CFR 1026), appendix J (c)(1): 24 payments of 230 for 5,000 are 9.69
    # percent a year, which is rounded.
    less, more = (preview(db, 5000, rate, 24, "2026-01-15")[0] for rate in ("9.685", "9.695"))
    assert less.amount <= 230 <= more.amount


def test_excel_parts_of_a_payment(db: psycopg.Connection) -> None:
    # Microsoft, Excel's IPMT and PPMT functions, first examples of each.
    assert preview(db, 8000, 10, 36, "2026-01-15")[0].interest == Decimal("66.67")
    assert preview(db, 2000, 10, 24, "2026-01-15")[0].principal == Decimal("75.62")


def test_casio_first_two_months_of_a_loan(db: psycopg.Connection) -> None:
    # Casio, BF-100 manual, 6-3: interest 333.3333332 and 332.5290939, then 39806.17833 are owed.
    first, second = preview(db, 40000, 10, 180, "2026-01-15")[:2]
    assert (first.interest, second.interest) == (Decimal("333.33"), Decimal("332.53"))
    assert abs(second.balance - Decimal("39806.17833")) < Decimal("0.01")


TABLE = """
 1 18.28 416.44 47081.72
 2 18.44 416.28 47063.28
 3 18.60 416.12 47044.68
 4 18.77 415.95 47025.91
 5 18.93 415.79 47006.98
 6 19.10 415.62 46987.88
 7 19.27 415.45 46968.61
 8 19.44 415.28 46949.17
 9 19.61 415.11 46929.56
10 19.78 414.94 46909.78
11 19.96 414.76 46889.82
12 20.14 414.58 46869.68
13 20.31 414.41 46849.37
14 20.49 414.23 46828.88
15 20.67 414.05 46808.21
16 20.86 413.86 46787.35"""
"""The first lines of "Loan Amortization", docstoc.com, document 1460085: 47,100 at 10.61 %."""


def test_a_published_table_to_the_cent(db: psycopg.Connection) -> None:
    rows = preview(db, 47100, "10.61", 360, "2026-01-15")
    assert {row.amount for row in rows[:-1]} == {Decimal("434.72")}
    lines = [f"{r.instalment_no:2} {r.principal} {r.interest} {r.balance}" for r in rows[:16]]
    assert lines == TABLE.strip("\n").splitlines()


def test_a_flat_loan_of_microfinance(db: psycopg.Connection) -> None:
    # Wikipedia, "Flat rate (finance)": 1,200 in 12 months are 100 and 1 percent, 12, a month: 112.
    rows = preview(db, 1200, 12, 12, "2026-01-15", method="flat")
    assert {tuple(row[3:6]) for row in rows} == {(Decimal(100), Decimal(12), Decimal(112))}


def test_equal_principal(db: psycopg.Connection) -> None:
    # By hand, 3 months at 1 percent: of 900, 600 and 300.
    rows = preview(db, 900, 12, 3, "2026-01-15", method="declining_equal_principal")
    assert [(row.principal, row.interest) for row in rows] == [(300, 9), (300, 6), (300, 3)]


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        # ISDA, "EMU and market conventions: recent developments" (1998), first example: 10,000 at
        # 10 percent from 1 November 2003 to 1 May 2004 bear 497.72 by actual/actual (ISDA).
        ("actual/actual", "497.72"),
        # By hand: 180 days of 360, 182 of 360, 182 of 365.
        ("30/360", "500.00"),
        ("actual/360", "505.56"),
        ("actual/365", "498.63"),
    ],
)
def test_days_from_a_year_into_a_leap_year(
    db: psycopg.Connection, day_count: str, interest: str
) -> None:
    (row,) = preview(
        db,
        10000,
        10,
        1,
        "2003-11-01",
        "2004-05-01",
        interest_calculation="daily",
        day_count=day_count,
    )
    assert row.interest == Decimal(interest)


@pytest.mark.parametrize(
    ("since", "till", "days"),
    [
        # Rules of 2006 ISDA Definitions, 4.16(f), each by hand.
        ("2026-01-30", "2026-01-31", 0),
        ("2026-01-31", "2026-02-28", 28),
        ("2026-02-28", "2026-03-31", 33),
        ("2028-02-29", "2028-03-31", 32),
        ("2026-03-31", "2026-04-30", 30),
        ("2026-03-30", "2026-05-31", 60),
        ("2026-03-29", "2026-05-31", 62),
        ("2026-12-31", "2027-12-31", 360),
    ],
)
def test_thirty_days_a_month(db: psycopg.Connection, since: str, till: str, days: int) -> None:
    (row,) = preview(db, 36000, 10, 1, since, till, interest_calculation="daily")
    assert (row.days, row.interest) == (days, days * 10)
