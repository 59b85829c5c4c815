"""Kenya's PAYE, NSSF, SHIF and housing levy against published examples."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import amounts, calculate, hire, open_calendar, pay


def calculate_one(
    db: psycopg.Connection, salary: str, starts_on: str, hired_on: str = "2025-01-01"
) -> dict[str, object]:
    hire(db, "K1", salary, business="KES", hired_on=hired_on)
    open_calendar(db, "K1", jurisdiction="KE", business="KES")
    return {**pay(db, "K1", calculate(db, starts_on, business="KES"))}


def test_100_000_in_january_2026_is_as_a_published_calculator_has_it(
    db: psycopg.Connection, books: Books
) -> None:
    """financialtools.io/kenya-net-pay-calculator: NSSF of the third year (8,000 and 72,000),
    taxable pay 91,430, PAYE 19,812.35, net 71,617.65."""
    assert calculate_one(db, "100000", "2026-01-01") == amounts(
        gross="100000",
        paye="19812.35",
        nssf="4320",
        shif="2750",
        housing_levy="1500",
        net="71617.65",
        employer_costs="5820",
    )


@pytest.mark.parametrize(
    ("salary", "starts_on", "paye", "nssf", "shif", "levy", "net"),
    # tacservices.co.ke/update-on-new-nssf-rates: its table of January and February 2025, as far as
    # it rounds nothing on the way. January has the limits of the second year, 7,000 and 36,000.
    [
        ("35000", "2025-01-01", "1853.13", "2100", "962.50", "525", "29559.37"),
        ("35000", "2025-02-01", "1853.13", "2100", "962.50", "525", "29559.37"),
        ("50000", "2025-02-01", "5845.85", "3000", "1375", "750", "39029.15"),
        # By hand, where that table is a cent off: 50,000 - 2,160 - 1,375 - 750 = 45,715; 2,400 +
        # 2,083.25 + 30 % of 13,382 - 2,400.
        ("50000", "2025-01-01", "6097.85", "2160", "1375", "750", "39617.15"),
    ],
)
def test_early_2025_is_as_a_published_table_has_it(
    db: psycopg.Connection,
    books: Books,
    salary: str,
    starts_on: str,
    paye: str,
    nssf: str,
    shif: str,
    levy: str,
    net: str,
) -> None:
    paid = calculate_one(db, salary, starts_on)
    del paid["employer_costs"]
    assert paid == amounts(
        gross=salary, paye=paye, nssf=nssf, shif=shif, housing_levy=levy, net=net
    )


@pytest.mark.parametrize(
    ("pensionable", "tier_1", "tier_2"),
    # mercans.com, 2024 National social security fund ceiling changes: the table of both tiers.
    [("3000", 180, 0), ("7000", 420, 0), ("20000", 420, 780), ("40000", 420, 1740)],
)
def test_nssf_of_the_second_year_is_as_published(
    db: psycopg.Connection, books: Books, pensionable: str, tier_1: int, tier_2: int
) -> None:
    paid = calculate_one(db, pensionable, "2025-01-01")
    assert paid["nssf"] == tier_1 + tier_2


@pytest.mark.parametrize("starts_on", ["2024-11-01", "2027-01-01"])
def test_before_and_after_what_is_known_nobody_is_paid(
    db: psycopg.Connection, books: Books, starts_on: str
) -> None:
    """Other PAYE bands are proposed from 2027 on; before 2024-12-27 levies came after PAYE."""
    with pytest.raises(psycopg.Error) as caught:
        calculate_one(db, "100000", starts_on, hired_on="2024-01-01")
    assert caught.value.sqlstate == "ZY009"


@pytest.mark.parametrize(
    ("salary", "nssf"),
    # keldinellp.com/nssf-february-2026: the table of employee contributions since February 2026.
    [("9000", "540"), ("15000", "900"), ("50000", "3000"), ("80000", "4800"), ("250000", "6480")],
)
def test_nssf_since_february_2026_is_as_published(
    db: psycopg.Connection, books: Books, salary: str, nssf: str
) -> None:
    paid = calculate_one(db, salary, "2026-02-01")
    assert paid["nssf"] == amounts(x=nssf)["x"]


@pytest.mark.parametrize(
    ("salary", "paye"),
    [
        # Below the relief nothing is withheld: 10 % of 20,000 - 1,200 - 550 - 300.
        ("20000", None),
        # The bands by hand: taxable 1,000,000 - 6,480 - 27,500 - 15,000 = 951,020; 2,400 + 2,083.25
        # + 140,300.10 + 97,500 + 35 % of 151,020 - 2,400.
        ("1000000", "292740.35"),
        # 500,000 - 6,480 - 13,750 - 7,500 = 472,270; 4,483.25 + 30 % of 439,937 - 2,400.
        ("500000", "134064.35"),
    ],
)
def test_paye_goes_through_the_bands_and_not_below_zero(
    db: psycopg.Connection, books: Books, salary: str, paye: str | None
) -> None:
    assert calculate_one(db, salary, "2026-03-01").get("paye") == (
        amounts(x=paye)["x"] if paye else None
    )


def test_shif_is_at_least_300(db: psycopg.Connection, books: Books) -> None:
    assert calculate_one(db, "5000", "2026-03-01")["shif"] == amounts(x="300")["x"]
    assert calculate_one_more(db, "20000") == amounts(x="550")["x"]


def calculate_one_more(db: psycopg.Connection, salary: str) -> object:
    hire(db, "K2", salary, business="KES")
    db.execute("SELECT payroll.enrol_employee('KES', 'K2', 'PAY')")
    db.execute("SELECT payroll.calculate_run('KES', 'PAY', '2026-03')")
    return pay(db, "K2", "2026-03")["shif"]


def test_who_joins_on_the_16th_of_april_gets_half_of_the_month(
    db: psycopg.Connection, books: Books
) -> None:
    """Bands and limits are the month's, whatever part of it was worked."""
    paid = calculate_one(db, "60000", "2026-04-01", hired_on="2026-04-16")
    # Taxable 30,000 - 1,800 - 825 - 450 = 26,925: 2,400 + 25 % of 2,925 - 2,400.
    assert paid == amounts(
        gross="30000",
        paye="731.25",
        nssf="1800",
        shif="825",
        housing_levy="450",
        net="26193.75",
        employer_costs="2250",
    )


def test_one_rate_that_has_run_out_is_an_error_until_somebody_says_what_holds(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute(
        "UPDATE payroll.tax_rates SET effective_to = '2026-02-28'"
        " WHERE jurisdiction = 'KE' AND component = 'nssf' AND effective_from = '2026-02-01'"
    )
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        calculate_one(db, "100000", "2026-03-01")
    assert caught.value.sqlstate == "ZY009"
    db.execute(
        """INSERT INTO payroll.tax_rates (
            jurisdiction, component, slice, effective_from, base, rate_window, source
        )
        SELECT jurisdiction, component, slice, '2026-03-01', base, rate_window, 'Abolished'
        FROM payroll.tax_rates
        WHERE jurisdiction = 'KE' AND component = 'nssf' AND effective_to = '2026-02-28'"""
    )
    assert "nssf" not in calculate_one(db, "100000", "2026-03-01")
