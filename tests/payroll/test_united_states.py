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
    """By hand, along IRS Publication 15-T (2026), Worksheet 1A and its table: 52,000 - 8,600 =
    43,400; 1,240 + 12 % of what exceeds 19,900 = 4,060; by 26. FICA: 6.2 % and 1.45 %."""
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


# IRS Publication 15-T (2026), percentage method tables for automated payroll systems, STANDARD:
# columns A (at least) and C (tentative amount), and line 1g of Worksheet 1A. Rev. Proc. 2025-32 has
# the same brackets below the standard deduction.
TABLE = {
    "single": (
        8600,
        ("19900", "1240"),
        ("57900", "5800"),
        ("113200", "17966"),
        ("209275", "41024"),
        ("263725", "58448"),
        ("648100", "192979.25"),
    ),
    "married": (
        12900,
        ("44100", "2480"),
        ("120100", "11600"),
        ("230700", "35932"),
        ("422850", "82048"),
        ("531750", "116896"),
        ("788000", "206583.50"),
    ),
    "head_of_household": (
        8600,
        ("33250", "1770"),
        ("83000", "7740"),
        ("121250", "16155"),
        ("217300", "39207"),
        ("271750", "56631"),
        ("656150", "191171"),
    ),
}


@pytest.mark.parametrize("status", TABLE)
def test_federal_tax_at_each_bound_is_what_publication_15_t_says(
    db: psycopg.Connection, books: Books, status: str
) -> None:
    deducted, *bounds = TABLE[status]
    for n, (bound, _) in enumerate(bounds):
        hire(db, f"E{n}", str(Decimal(bound) + deducted), unit="year")
    open_calendar(db, *(f"E{n}" for n in range(len(bounds))), filing_status=status)
    period = calculate(db, "2026-01-01")
    cent = Decimal("0.01")
    assert [pay(db, f"E{n}", period)["federal_tax"] for n in range(len(bounds))] == [
        (Decimal(tax) / 12).quantize(cent, "ROUND_HALF_UP") for _, tax in bounds
    ]


@pytest.mark.parametrize(
    ("jurisdiction", "tax"),
    # 35 ILCS 5/201(b)(5.4), 4.95 % of 5,000; 72 P.S. 7302, 3.07 %; none in Florida and Texas.
    [("US-IL", "247.50"), ("US-PA", "153.50"), ("US-FL", None), ("US-TX", None)],
)
def test_states_withhold_what_their_law_says(
    db: psycopg.Connection, books: Books, jurisdiction: str, tax: str | None
) -> None:
    hire(db, "E1", "5000")
    open_calendar(db, "E1", jurisdiction=jurisdiction)
    paid = pay(db, "E1", calculate(db, "2026-01-01"))
    assert paid.get("state_tax") == (Decimal(tax) if tax else None)


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


@pytest.mark.parametrize(
    ("jurisdiction", "starts_on"),
    # There is no federal tax of 2025 in the table, though Medicare is; nor any of 2027.
    [("US-TX", "2025-12-01"), ("US-TX", "2027-01-01"), ("US-TX-TRAVIS", "2026-01-01")],
)
def test_nobody_is_paid_where_one_rate_is_not_known(
    db: psycopg.Connection, books: Books, jurisdiction: str, starts_on: str
) -> None:
    hire(db, "E1", "5000")
    open_calendar(db, "E1", jurisdiction=jurisdiction)
    with pytest.raises(psycopg.Error) as caught:
        calculate(db, starts_on)
    assert caught.value.sqlstate == "ZY009"


def test_a_city_takes_the_rates_of_its_state_too(db: psycopg.Connection, books: Books) -> None:
    """US-NY-NYC with a rate of its own, and none of US-NY: what the state takes is not known."""
    db.execute(
        """INSERT INTO payroll.tax_rates (
            jurisdiction, component, slice, effective_from, base, rate_window, source
        ) VALUES ('US-NY-NYC', 'state_tax', 'x', '2026-01-01', 'gross', 'year', 'x')"""
    )
    hire(db, "E1", "5000")
    open_calendar(db, "E1", jurisdiction="US-NY-NYC")
    with pytest.raises(psycopg.Error) as caught:
        calculate(db, "2026-01-01")
    assert caught.value.sqlstate == "ZY009"


def test_a_filing_status_without_rates_is_an_error_for_those_who_have_it(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("DELETE FROM payroll.tax_rates WHERE filing_status = 'married'")
    hire(db, "E1", "5000")
    hire(db, "E2", "5000")
    open_calendar(db, "E1")
    calculate(db, "2026-01-01")
    db.execute("SELECT payroll.enrol_employee('MAIN', 'E2', 'PAY', 'married')")
    with pytest.raises(psycopg.Error) as caught:
        db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', '2026-01')")
    assert caught.value.sqlstate == "ZY009"


def test_dollars_of_the_law_are_not_put_to_shillings(db: psycopg.Connection, books: Books) -> None:
    hire(db, "K1", "5000", business="KES")
    open_calendar(db, "K1", business="KES")
    with pytest.raises(psycopg.Error) as caught:
        calculate(db, "2026-01-01", business="KES")
    assert caught.value.sqlstate == "ZY009"
