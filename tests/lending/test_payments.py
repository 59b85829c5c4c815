"""What payments go to, in figures that were reckoned by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, balance, settle
from tests.lending.books import ROLES
from tests.lending.even import APRIL_10, MAY_10, lend_even, owed, parts, payoff, split
from tests.lending.facts import pay, record
from tests.lending.loans import open_lending, status
from tests.lending.standing import Fact
from tests.pgtap import results_eq


@pytest.fixture(autouse=True)
def lender(db: psycopg.Connection, books: Books) -> None:
    """Accounts and posting rules, an officer."""
    open_lending(db)


def test_a_payment_on_the_day_pays_the_instalment(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    payment = pay(db, loan, 106, APRIL_10)
    assert split(db, payment) == ("100", "6", "0", "0", "0")
    assert owed(db, loan, APRIL_10) == ("500", "0", "0", "0", "0", 0)
    assert status(db, loan) == "active"
    assert balance(db, ROLES["loans_receivable"][0]) == "500.0000"
    assert balance(db, ROLES["loan_interest_income"][0]) == "-6.0000"
    settle(db)


def test_a_partial_payment_leaves_the_rest_overdue_from_the_next_day(
    db: psycopg.Connection,
) -> None:
    loan = lend_even(db)
    assert split(db, pay(db, loan, 50, APRIL_10)) == ("44", "6", "0", "0", "0")
    assert owed(db, loan, APRIL_10) == ("556", "0", "0", "0", "0", 0)
    # A thirtieth of 5 accrues a day.
    assert owed(db, loan, "2026-04-11") == ("556", "0.17", "0", "0", "56", 1)


def test_an_early_payment_is_kept_for_what_falls_due(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    payment = pay(db, loan, 106, "2026-04-01")
    assert split(db, payment) == ("0", "0", "0", "0", "106")
    # 22 of 31 days of 6.
    assert owed(db, loan, "2026-04-01") == ("600", "4.26", "0", "0", "0", 0)
    assert payoff(db, loan, "2026-04-01") == "498.26"
    assert balance(db, ROLES["loan_advances"][0]) == "-106.0000"
    assert owed(db, loan, APRIL_10) == ("500", "0", "0", "0", "0", 0)
    results_eq(
        db,
        "SELECT instalment_no, paid_amount, is_paid FROM lending.payment_schedules"
        " ORDER BY instalment_no LIMIT 2",
        [(1, 0, True), (2, 0, False)],
    )


def test_a_late_payment_pays_penalties_first(db: psycopg.Connection) -> None:
    # A thousandth of 106 a day, for the days from 11 to 20 April.
    loan = lend_even(db, penalty_rate="36.5")
    assert owed(db, loan, "2026-04-20") == ("600", "7.67", "0", "1.06", "107.06", 10)
    payment = pay(db, loan, 50, "2026-04-20")
    assert split(db, payment) == ("42.94", "6", "0", "1.06", "0")


@pytest.mark.parametrize(
    ("grace", "cap", "penalties"),
    [(3, None, "0.74"), (0, "0.1", "0.6"), (10, None, "0"), (9, None, "0.11")],
)
def test_penalties_have_days_of_grace_and_a_cap(
    db: psycopg.Connection, grace: int, cap: str | None, penalties: str
) -> None:
    loan = lend_even(db, penalty_rate="36.5", grace=grace, cap=cap)
    assert owed(db, loan, "2026-04-20")[3] == penalties


def test_what_is_paid_too_much_is_owed_to_the_borrower(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    assert split(db, pay(db, loan, 700, APRIL_10)) == ("600", "6", "0", "0", "94")
    assert status(db, loan) == "overpaid"
    assert payoff(db, loan, APRIL_10) == "0"
    assert balance(db, ROLES["loan_advances"][0]) == "-94.0000"
    assert parts(db, loan) == [("04-10", "100", "6"), ("04-10", "500", "0")]
    record(db, loan, Fact("refund", MAY_10, Fraction(94)))
    assert status(db, loan) == "closed"
    settle(db)


def test_the_payoff_amount_closes_the_loan(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    pay(db, loan, 106, APRIL_10)
    # Half of 5 has accrued.
    assert payoff(db, loan, "2026-04-25") == "502.5"
    pay(db, loan, "502.50", "2026-04-25")
    assert status(db, loan) == "closed"
    assert parts(db, loan) == [("04-10", "100", "6"), ("04-25", "500", "2.5")]
    assert balance(db, ROLES["loan_interest_income"][0]) == "-8.5000"
    assert owed(db, loan, "2026-12-31") == ("0", "0", "0", "0", "0", 0)
    settle(db)


def test_a_cent_less_than_the_payoff_amount_does_not(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    pay(db, loan, 106, APRIL_10)
    assert split(db, pay(db, loan, "502.49", "2026-04-25")) == ("0", "0", "0", "0", "502.49")
    assert status(db, loan) == "active"


@pytest.mark.parametrize(
    ("prepayment", "on", "amount", "made"),
    [
        # 400 in five of 80.
        (
            *("reduce_instalment", "04-10", "206"),
            [("80", "4"), ("80", "3.2"), ("80", "2.4"), ("80", "1.6"), ("80", "0.8")],
        ),
        # 400 in three would begin with 137.33, beyond the 105 that was to come.
        ("reduce_term", "04-10", "206", [("100", "4"), ("100", "3"), ("100", "2"), ("100", "1")]),
        # Half a month after 10 April: 2.50 has accrued, 50 is repaid; half a month of 450 is 2.25.
        (
            *("reduce_instalment", "04-25", "52.50"),
            [("90", "2.25"), ("90", "3.6"), ("90", "2.7"), ("90", "1.8"), ("90", "0.9")],
        ),
    ],
)
def test_a_prepayment_reduces_instalments_or_their_number(
    db: psycopg.Connection, prepayment: str, on: str, amount: str, made: list[Any]
) -> None:
    loan = lend_even(db)
    if on != "04-10":
        pay(db, loan, 106, APRIL_10)
    pay(db, loan, amount, f"2026-{on}", p_prepayment=prepayment)
    repaid = ("04-10", "100", "0") if on == "04-10" else (on, "50", "2.5")
    due = ("05-10", "06-10", "07-10", "08-10", "09-10")
    assert parts(db, loan) == [
        ("04-10", "100", "6"),
        repaid,
        *((day, *part) for day, part in zip(due, made, strict=False)),
    ]
    settle(db)


def test_what_repays_no_principal_is_kept(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    pay(db, loan, 106, APRIL_10)
    payment = pay(db, loan, "2.50", "2026-04-25", p_prepayment="reduce_term")
    assert split(db, payment) == ("0", "0", "0", "0", "2.5")


@pytest.mark.parametrize(
    ("more", "went"),
    [
        ({}, ("99", "11", "0", "0", "0")),
        ({"allocate_by": "instalment"}, ("100", "10", "0", "0", "0")),
        (
            {"order": ("principal", "interest", "fee", "penalty")},
            ("110", "0", "0", "0", "0"),
        ),
        (
            {
                "order": ("principal", "interest", "fee", "penalty"),
                "allocate_by": "instalment",
            },
            ("104", "6", "0", "0", "0"),
        ),
        ({"flat_fees": ("2",)}, ("95", "11", "4", "0", "0")),
        ({"flat_fees": ("2",), "allocate_by": "instalment"}, ("100", "6", "4", "0", "0")),
    ],
    ids=str,
)
def test_a_payment_is_allocated_in_the_order_of_the_loan(
    db: psycopg.Connection, more: dict[str, Any], went: tuple[str, ...]
) -> None:
    # 106 and 105 are due, with fees of 2 each where there are any.
    loan = lend_even(db, **more)
    assert split(db, pay(db, loan, 110, MAY_10)) == went


def test_interest_in_grace_accrues_until_it_is_paid(db: psycopg.Connection) -> None:
    loan = lend_even(db, grace_interest=2)
    assert parts(db, loan)[:3] == [
        ("04-10", "100", "0"),
        ("05-10", "100", "0"),
        ("06-10", "100", "15"),
    ]
    # 31 of 92 days of 15.
    assert owed(db, loan, APRIL_10)[1] == "5.05"
    assert split(db, pay(db, loan, 100, APRIL_10)) == ("100", "0", "0", "0", "0")


def test_a_period_without_interest_bears_none(db: psycopg.Connection) -> None:
    loan = lend_even(db, interest_free=1)
    assert owed(db, loan, APRIL_10)[:2] == ("600", "0")
    assert owed(db, loan, "2026-04-11")[:2] == ("600", "0.17")


def test_a_back_dated_payment_moves_later_ones_on(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    later = pay(db, loan, 105, MAY_10)
    assert split(db, later) == ("94", "11", "0", "0", "0")
    earlier = pay(db, loan, 106, APRIL_10)
    assert split(db, earlier) == ("100", "6", "0", "0", "0")
    assert split(db, later) == ("100", "5", "0", "0", "0")
    results_eq(
        db,
        "SELECT payload ->> 'on', payload ->> 'from_interest', payload ->> 'to_principal'"
        " FROM events.event_store WHERE event_type = 'lending.payment_reallocated'",
        [("2026-05-10", "6.0000", "6.0000")],
    )
    settle(db)
