"""Federal and state withholding, social security and Medicare against published examples."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import amounts, calculate, hire, open_calendar, pay, process


def test_2_000_biweekly_of_a_single_is_as_worksheet_1a_has_it(
    db: psycopg.Connection, books: Books
) -> None:
    """IRS Publication 15-T (2026), Worksheet 1A and the annual table: 52,000 - 8,600 = 43,400;
    1,240 + 12 % of what exceeds 19,900 = 4,060; by 26. FICA: 6.2 % and 1.45 %."""
    hire(db, "E1", "52000", unit="year")
    open_calendar(db, "E1", frequency="biweekly")
    assert pay(db, "E1", calculate(db, "2026-01-05")) == amounts(
        gross="2000",
        federal_tax="156.15",
        social_security_tax="124",
        medicare_tax="29",
        net="1690.85",
        employer_costs="153",
    )


@pytest.mark.parametrize(
    ("status", "annual", "monthly"),
    # Rev. Proc. 2025-32, the tax that its tables give at the bounds of their brackets:
    # 5,800 up to 50,400; 11,600 up to 100,800; 7,740 up to 67,450; divided by 12.
    [
        ("single", 50400 + 16100, "483.33"),
        ("married", 100800 + 32200, "966.67"),
        ("head_of_household", 67450 + 24150, "645.00"),
        # 39,207 at 201,750 of heads of households; 192,979.25 at 640,600 of singles.
        ("head_of_household", 201750 + 24150, "3267.25"),
        ("single", 640600 + 16100, "16081.60"),
    ],
)
def test_federal_tax_at_the_bounds_is_what_the_tables_say(
    db: psycopg.Connection, books: Books, status: str, annual: int, monthly: str
) -> None:
    hire(db, "E1", str(annual), unit="year")
    open_calendar(db, "E1", filing_status=status)
    assert pay(db, "E1", calculate(db, "2026-01-01"))["federal_tax"] == Decimal(monthly)


def test_of_less_than_the_standard_deduction_nothing_is_withheld(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "16100", unit="year")
    open_calendar(db, "E1", frequency="weekly", jurisdiction="US-PA")
    # 3.07 % of 309.62.
    paid = pay(db, "E1", calculate(db, "2026-01-05"))
    assert "federal_tax" not in paid
    assert paid["state_tax"] == Decimal("9.51")


def test_social_security_ends_in_the_run_in_which_the_year_reaches_the_wage_base(
    db: psycopg.Connection, books: Books
) -> None:
    """SSA, 2026: 184,500 at 6.2 %, at most 11,439.00 each; Medicare goes on, and from 200,000 on
    there are 0.9 % more of the employee alone."""
    hire(db, "E1", "40000")
    open_calendar(db, "E1")
    security, medicare, employer = [], [], []
    for month in range(1, 8):
        period = calculate(db, f"2026-{month:02}-01")
        paid = pay(db, "E1", period)
        security.append(paid.get("social_security_tax", Decimal(0)))
        medicare.append(paid["medicare_tax"])
        employer.append(paid["employer_costs"])
        process(db, books, period)
    # 184,500 is reached in May: 24,500 of 40,000.
    assert security == [Decimal(x) for x in (2480, 2480, 2480, 2480, 1519, 0, 0)]
    assert sum(security) == Decimal("11439.00")
    # 200,000 is reached by May; 1.45 % of 40,000 is 580, and 0.9 % of 40,000 is 360.
    assert medicare == [Decimal(x) for x in (580, 580, 580, 580, 580, 940, 940)]
    assert employer == [Decimal(x) for x in (3060, 3060, 3060, 3060, 2099, 580, 580)]


def test_the_year_is_that_of_the_pay_date(db: psycopg.Connection, books: Books) -> None:
    hire(db, "E1", "200000")
    open_calendar(db, "E1")
    process(db, books, calculate(db, "2026-01-01"))
    paid = pay(db, "E1", calculate(db, "2026-02-01"))
    assert "social_security_tax" not in paid


def test_a_state_that_is_not_known_is_an_error_not_a_zero(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "1000")
    open_calendar(db, "E1", jurisdiction="US-ZZ")
    with pytest.raises(psycopg.Error) as caught:
        calculate(db, "2026-01-01")
    assert caught.value.sqlstate == "ZY009"
