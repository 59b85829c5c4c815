"""What each term does to a schedule, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.lending.terms import METHODS, Row, preview
from tests.pgtap import as_role, throws


def due(rows: list[Row]) -> list[str]:
    """Return the due dates of a schedule."""
    return [str(row.due_date) for row in rows]


def figures(rows: list[Row]) -> list[tuple[str, str]]:
    """Return principal and interest of each instalment."""
    return [(str(row.principal), str(row.interest)) for row in rows]


def test_month_ends_remember_their_day(db: psycopg.Connection) -> None:
    ends = ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert due(preview(db, 100, 0, 4, "2026-01-31")) == ends
    assert due(preview(db, 100, 0, 4, "2027-12-31", every=2))[:1] == ["2028-02-29"]


def test_the_first_due_date_sets_the_day_of_the_month(db: psycopg.Connection) -> None:
    assert due(preview(db, 100, 0, 3, "2026-01-31", "2026-02-28")) == [
        "2026-02-28",
        "2026-03-28",
        "2026-04-28",
    ]
    assert due(preview(db, 100, 0, 3, "2025-12-10", "2026-01-31"))[1:] == [
        "2026-02-28",
        "2026-03-31",
    ]


def test_every_so_many_days_and_weeks(db: psycopg.Connection) -> None:
    tens = preview(db, 100, 0, 3, "2028-02-20", every=10, frequency="day")
    assert due(tens) == ["2028-03-01", "2028-03-11", "2028-03-21"]
    weeks = preview(db, 100, 0, 2, "2026-01-01", "2026-01-05", every=2, frequency="week")
    assert due(weeks) == ["2026-01-05", "2026-01-19"]
    assert [row.days for row in weeks] == [4, 14]


@pytest.mark.parametrize(
    ("frequency", "every", "interest"), [("day", 73, 20), ("week", 13, 25), ("month", 3, 25)]
)
def test_a_period_is_its_share_of_a_year(
    db: psycopg.Connection, frequency: str, every: int, interest: int
) -> None:
    (row,) = preview(db, 1000, 10, 1, "2026-01-01", every=every, frequency=frequency)
    assert row.interest == interest


@pytest.mark.parametrize("first_due_on", ["2026-01-16", "2026-02-15", "2026-03-31"])
def test_a_first_period_of_any_length_is_one_period(
    db: psycopg.Connection, first_due_on: str
) -> None:
    rows = preview(db, 1000, 12, 12, "2026-01-15", first_due_on)
    assert figures(rows) == figures(preview(db, 1000, 12, 12, "2026-01-15"))


def test_by_day_the_first_period_bears_its_days(db: psycopg.Connection) -> None:
    rows = preview(
        db,
        36500,
        10,
        2,
        "2026-01-15",
        "2026-03-01",
        interest_calculation="daily",
        day_count="actual/365",
        method="flat",
    )
    assert [(row.days, row.interest) for row in rows] == [(45, 450), (31, 310)]


def test_equal_instalments_of_unequal_periods_end_level(db: psycopg.Connection) -> None:
    rows = preview(
        db,
        10**9,
        24,
        12,
        "2026-01-31",
        interest_calculation="daily",
        day_count="actual/actual",
    )
    assert len({row.days for row in rows}) > 1
    assert len({row.amount for row in rows[:-1]}) == 1
    assert abs(rows[-1].amount - rows[0].amount) < Decimal("0.10")


def test_grace_on_principal_pays_interest_alone(db: psycopg.Connection) -> None:
    rows = preview(db, 1000, 12, 5, "2026-01-15", grace_principal=2)
    assert figures(rows[:2]) == [("0.00", "10.00")] * 2
    assert figures(rows[2:]) == figures(preview(db, 1000, 12, 3, "2026-01-15"))


def test_grace_on_interest_adds_it_to_the_next(db: psycopg.Connection) -> None:
    rows = preview(
        db, 300, 12, 3, "2026-01-15", method="declining_equal_principal", grace_interest=2
    )
    assert figures(rows) == [("100.00", "0.00"), ("100.00", "0.00"), ("100.00", "6.00")]


def test_grace_on_both_lets_nothing_be_due(db: psycopg.Connection) -> None:
    rows = preview(db, 1000, 12, 4, "2026-01-15", grace_principal=2, grace_interest=2)
    assert [row.amount for row in rows[:2]] == [0, 0]
    assert rows[2].interest == 30


@pytest.mark.parametrize("method", METHODS)
def test_interest_free_periods_bear_none(db: psycopg.Connection, method: str) -> None:
    rows = preview(db, 1200, 12, 4, "2026-01-15", method=method, interest_free=2)
    assert [row.interest for row in rows[:2]] == [0, 0]
    assert all(row.interest > 0 for row in rows[2:])
    if method == "declining_equal_instalments":
        assert len({row.amount for row in rows[:-1]}) == 1
        assert abs(rows[-1].amount - rows[0].amount) <= Decimal("0.02")


def test_a_flat_loan_bears_its_interest_to_the_cent(db: psycopg.Connection) -> None:
    rows = preview(db, 1000, 10, 12, "2026-01-15", method="flat")
    assert {row.interest for row in rows[:-1]} == {Decimal("8.33")}
    assert sum(row.interest for row in rows) == 100


def test_totals_are_rounded_and_the_last_takes_the_residue(db: psycopg.Connection) -> None:
    rows = preview(db, 10000, 24, 6, "2026-01-15", round_to=50)
    assert {row.amount for row in rows[:-1]} == {Decimal(1800)}
    assert rows[-1].amount == Decimal("1707.01")


def test_interest_that_a_multiple_leaves_over_is_paid_later(db: psycopg.Connection) -> None:
    rows = preview(db, 1000, 10, 4, "2026-01-15", grace_principal=2, round_to=5)
    assert figures(rows[:2]) == [("0.00", "5.00"), ("0.00", "10.00")]
    assert sum(row.interest for row in rows[:3]) == Decimal("24.99")


def test_rounding_down_never_leaves_the_principal_unpaid(db: psycopg.Connection) -> None:
    # 1028.61, of which 1000 are interest, would be rounded down to it.
    rows = preview(db, 100000, 12, 360, "2026-01-15", round_to=500)
    assert rows[0].amount == 1500
    rows = preview(db, 1000, 120, 100, "2026-01-15", round_to=50, method="flat")
    assert rows[0].principal == 50


@pytest.mark.parametrize(
    ("rounding", "interest"), [("half_even", ["0.02", "0.04"]), ("half_up", ["0.03", "0.04"])]
)
def test_halves_go_as_they_are_told(
    db: psycopg.Connection, rounding: str, interest: list[str]
) -> None:
    # 2.50 and 3.50 at a hundredth: 0.025 and 0.035. 6 at 7 percent is 0.035 too, if nothing is cut.
    rows = [
        preview(db, principal, rate, 1, "2026-01-15", rounding=rounding)[0]
        for principal, rate in (("2.50", 12), ("3.50", 12), ("6", 7))
    ]
    assert [str(row.interest) for row in rows] == [*interest, interest[1]]


def test_currencies_have_their_own_decimals(db: psycopg.Connection) -> None:
    assert str(preview(db, 10000, 18, 6, "2026-01-15", scale=0)[0].amount) == "1755"
    assert str(preview(db, 10000, 18, 6, "2026-01-15", scale=3)[0].amount) == "1755.252"


@pytest.mark.parametrize("method", METHODS)
def test_less_principal_than_instalments_have_units(db: psycopg.Connection, method: str) -> None:
    rows = preview(db, "0.05", 0, 12, "2026-01-15", method=method)
    assert [row.principal for row in rows] == [0] * 11 + [Decimal("0.05")]


@pytest.mark.parametrize("method", METHODS)
def test_one_instalment_pays_all(db: psycopg.Connection, method: str) -> None:
    (row,) = preview(db, 1000, 12, 1, "2026-01-15", method=method, round_to=700)
    assert (row.principal, row.interest, row.amount, row.balance) == (1000, 10, 1010, 0)


BAD: list[dict[str, Any]] = [
    *[{name: None} for name in ("principal", "annual_rate_percent", "instalments", "disbursed_on")],
    *[
        {name: None}
        for name in (
            "every",
            "frequency",
            "method",
            "interest_calculation",
            "day_count",
            "grace_principal",
            "grace_interest",
            "interest_free",
            "scale",
            "rounding",
        )
    ],
    *[{"principal": bad} for bad in ("0", "-1", "NaN", "Infinity", "1e16", "0.001")],
    *[
        {"annual_rate_percent": bad}
        for bad in ("-0.01", "NaN", "Infinity", "-Infinity", "10000.01", "1e-11")
    ],
    *[{"instalments": bad} for bad in (0, -1, 1201)],
    *[{"disbursed_on": bad} for bad in ("infinity", "-infinity", "0001-01-01 BC", "10000-01-01")],
    *[{"first_due_on": bad} for bad in ("2026-01-15", "2026-01-14", "infinity", "-infinity")],
    *[{"every": bad} for bad in (0, -1, 1001)],
    *[{"frequency": bad} for bad in ("months", "year", "Month", "")],
    {"method": "annuity"},
    {"interest_calculation": "monthly"},
    *[{"day_count": bad} for bad in ("30E/360", "360", "Actual/365")],
    {"rounding": "up"},
    *[
        {name: bad}
        for name in ("grace_principal", "grace_interest", "interest_free")
        for bad in (-1, 12, 13)
    ],
    *[{"round_to": bad} for bad in ("0", "-5", "NaN", "Infinity", "0.005", "1e16")],
    *[{"scale": bad} for bad in (-1, 5)],
    # 88.85 to the nearest thousand is nothing.
    {"round_to": "1000"},
    {"round_to": "1000", "method": "flat"},
    # Seventy centuries after 2026.
    {"every": 1000, "instalments": 100},
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_terms_that_make_no_schedule_are_refused_with_a_hint(
    db: psycopg.Connection, bad: dict[str, Any]
) -> None:
    terms = {
        "principal": 1000,
        "annual_rate_percent": 12,
        "instalments": 12,
        "disbursed_on": "2026-01-15",
        **bad,
    }
    error = throws(
        db,
        "22023",
        "SELECT * FROM lending.preview_payment_schedule("
        + ", ".join(f"p_{name} => %s" for name in terms)
        + ")",
        list(terms.values()),
    )
    assert error.diag.message_detail
    assert error.diag.message_hint


@pytest.mark.parametrize("role", ["pgerp_app", "pgerp_readonly"])
def test_a_schedule_needs_no_token(db: psycopg.Connection, role: str) -> None:
    with as_role(db, role):
        assert len(preview(db, 1000, 12, 12, "2026-01-15")) == 12


def test_the_longest_schedule_of_the_largest_terms_ends_at_zero(db: psycopg.Connection) -> None:
    rows = preview(
        db,
        "9999999999999999",
        10000,
        1200,
        "2026-01-31",
        interest_calculation="daily",
        day_count="actual/actual",
        scale=0,
    )
    assert rows[-1].balance == 0
