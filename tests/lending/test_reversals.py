"""What did not happen after all: the loan is as if it never had been recorded."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books, balance, settle
from tests.lending.books import ROLES
from tests.lending.even import APRIL_10, JUNE_10, MAY_10, even, lend_even, owed, split
from tests.lending.facts import day, lend, pay, record, restate, reverse, stored
from tests.lending.loans import call, open_lending, paid_out, status
from tests.lending.standing import Fact
from tests.pgtap import results_eq, throws, value

REVERSE = "SELECT lending.reverse_transaction(%s, 'wrong', %s)"


@pytest.fixture(autouse=True)
def lender(db: psycopg.Connection, books: Books) -> None:
    """Accounts and posting rules, an officer."""
    open_lending(db)


def test_a_reversal_allocates_what_came_later_anew(db: psycopg.Connection) -> None:
    loan = lend_even(db, penalty_rate="36.5")
    first = pay(db, loan, 106, APRIL_10)
    second = pay(db, loan, 105, MAY_10)
    assert split(db, second) == ("100", "5", "0", "0", "0")
    reverse(db, first, datetime.date(2026, 5, 20))
    # 30 days of 106 at a thousandth a day; then 6 and 5 of interest.
    assert split(db, second) == ("90.82", "11", "0", "3.18", "0")
    assert split(db, first) == ("0", "0", "0", "0", "0")
    results_eq(
        db,
        "SELECT DISTINCT booked_on::text FROM lending.movements"
        " WHERE kind = 'payment' AND cash <= 0",
        [("2026-05-20",)],
    )
    assert balance(db, ROLES["loan_cash"][0]) == "-495.0000"
    settle(db)


def test_after_its_reversal_a_payment_might_never_have_been(db: psycopg.Connection) -> None:
    def loan_with(*payments: tuple[int, Any, str]) -> tuple[Any, list[Any]]:
        loan = lend_even(db, penalty_rate="36.5", flat_fees=("2",))
        return loan, [
            pay(db, loan, amount, on, p_prepayment=choice) for amount, on, choice in payments
        ]

    plain, _ = loan_with((106, APRIL_10, "advance"), (300, JUNE_10, "reduce_term"))
    changed, made = loan_with(
        (106, APRIL_10, "advance"),
        (250, "2026-04-25", "reduce_term"),
        (300, JUNE_10, "reduce_term"),
    )
    assert stored(db, plain)["versions"] != stored(db, changed)["versions"]
    reverse(db, made[1], JUNE_10)
    both = [stored(db, loan) for loan in (plain, changed)]
    for one in both:
        one["moves"] = {(kind, on): sums for (kind, _, on), sums in one["moves"].items()}
    assert both[0] == both[1]
    for offset in range(0, 100, 7):
        assert owed(db, plain, day(offset)) == owed(db, changed, day(offset))


def test_a_reversed_closing_opens_the_loan_again(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    payment = pay(db, loan, 700, APRIL_10)
    reverse(db, payment, MAY_10)
    assert status(db, loan) == "active"
    assert value(
        db,
        "SELECT array_agg((reason, is_live)::text ORDER BY version_no) FROM lending.schedules"
        " WHERE reason <> 'planned'",
    ) == ["(disbursement,t)", "(settlement,f)"]
    settle(db)


def test_a_write_off_and_a_recovery_are_taken_back_in_their_order(db: psycopg.Connection) -> None:
    loan = lend_even(db, penalty_rate="36.5")
    gone = record(db, loan, Fact("write_off", MAY_10))
    assert status(db, loan) == "written_off"
    assert owed(db, loan, "2026-12-01") == ("0", "0", "0", "0", "0", 0)
    # Principal, two months of interest, 30 days of 106 a thousandth each.
    assert balance(db, ROLES["loan_loss_expense"][0]) == "614.1800"
    back = record(db, loan, Fact("recovery", JUNE_10, Fraction(50)))
    throws(db, "ZO013", REVERSE, [gone, JUNE_10])
    reverse(db, back, JUNE_10)
    reverse(db, gone, JUNE_10)
    assert status(db, loan) == "active"
    assert balance(db, ROLES["loan_loss_expense"][0]) == "0.0000"
    settle(db)


def test_what_was_written_off_takes_no_payment(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    record(db, loan, Fact("write_off", MAY_10))
    with pytest.raises(psycopg.errors.DatabaseError) as caught, db.transaction():
        pay(db, loan, 10, JUNE_10)
    assert caught.value.sqlstate == "ZO013"
    # Before that day it was owed.
    payment = pay(db, loan, 106, APRIL_10)
    assert split(db, payment) == ("100", "6", "0", "0", "0")
    assert value(
        db,
        "SELECT array_agg(event_type || ' ' || (payload ->> 'principal') ORDER BY id)"
        " FROM events.event_store WHERE event_type ~ 'off'",
    ) == [
        "lending.loan_written_off 600.0000",
        "lending.write_off_reversed 600.0000",
        "lending.loan_written_off 500.0000",
    ]
    settle(db)


def test_a_payment_that_was_refunded_is_not_reversed_before_the_refund(
    db: psycopg.Connection,
) -> None:
    loan = lend_even(db)
    payment = pay(db, loan, 700, APRIL_10)
    refund = record(db, loan, Fact("refund", MAY_10, Fraction(94)))
    throws(db, "ZO014", REVERSE, [payment, MAY_10])
    reverse(db, refund, MAY_10)
    reverse(db, payment, MAY_10)
    assert status(db, loan) == "active"


@pytest.mark.parametrize("amount", ["94.01", "700"])
def test_no_more_is_refunded_than_was_overpaid(db: psycopg.Connection, amount: str) -> None:
    loan = lend_even(db)
    pay(db, loan, 700, APRIL_10)
    with pytest.raises(psycopg.errors.DatabaseError) as caught:
        record(db, loan, Fact("refund", MAY_10, Fraction(amount)))
    assert caught.value.sqlstate == "ZO014"


def test_what_is_kept_for_what_falls_due_is_not_refunded(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    pay(db, loan, 106, "2026-04-01")
    with pytest.raises(psycopg.errors.DatabaseError) as caught:
        record(db, loan, Fact("refund", datetime.date(2026, 4, 2), Fraction(6)))
    assert caught.value.sqlstate == "ZO014"


def test_reversals_are_refused_where_there_is_nothing_to_reverse(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    payment = pay(db, loan, 106, APRIL_10)
    first = value(db, "SELECT id FROM lending.transactions WHERE kind = 'disbursement'")
    throws(db, "ZO017", REVERSE, [first, MAY_10])
    throws(db, "ZO015", REVERSE, [loan, MAY_10])
    throws(db, "ZO015", REVERSE, [None, MAY_10])
    throws(db, "ZO012", REVERSE, [payment, "2026-03-09"])
    throws(db, "ZO012", REVERSE, [payment, "infinity"])
    throws(db, "23502", "SELECT lending.reverse_transaction(%s, NULL, %s)", [payment, MAY_10])
    reverse(db, payment, MAY_10)
    throws(db, "ZO016", REVERSE, [payment, MAY_10])


def test_default_ends_when_nothing_is_overdue(db: psycopg.Connection) -> None:
    loan = lend_even(db)
    restate(db, loan, MAY_10)
    db.execute("UPDATE lending.loans SET status = 'defaulted', defaulted_on = '2026-05-10'")
    # Interest that is due today goes first: 11, then 100 of principal.
    pay(db, loan, 110, MAY_10)
    assert status(db, loan) == "defaulted"
    pay(db, loan, 1, MAY_10)
    assert status(db, loan) == "active"
    assert value(db, "SELECT defaulted_on FROM lending.loans") is None


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    what=st.lists(
        st.tuples(
            st.integers(0, 220),
            st.sampled_from([20, 106, 150, 400]),
            st.sampled_from(["advance", "reduce_instalment", "reduce_term"]),
        ),
        min_size=2,
        max_size=5,
        unique_by=lambda item: item[0],
    ),
    data=st.data(),
)
def test_the_order_in_which_days_are_recorded_does_not_matter(
    db: psycopg.Connection, what: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    found = []
    for order in (sorted(what), data.draw(st.permutations(what))):
        with db.transaction(force_rollback=True):
            loan = lend(db, even(penalty_rate="36.5", flat_fees=("2",)))
            for offset, amount, prepayment in order:
                fact = Fact("payment", day(offset), Fraction(amount), prepayment)
                record(db, loan, fact)
            one = stored(db, loan)
            one["moves"] = {(kind, on): sums for (kind, _, on), sums in one["moves"].items()}
            found.append(one)
    assert found[0] == found[1]


@pytest.mark.usefixtures("books")
def test_a_further_disbursement_is_taken_back(db: psycopg.Connection) -> None:
    loan = paid_out(db)
    before = stored(db, loan)
    fact = record(db, loan, Fact("disbursement", APRIL_10, Fraction(100)))
    assert owed(db, loan, APRIL_10)[0] == "1300"
    call(db, "reverse_transaction", p_transaction_id=fact, p_reason="r", p_reversed_on=MAY_10)
    restate(db, loan)
    assert stored(db, loan)["versions"] == before["versions"]
    assert stored(db, loan)["moves"] == before["moves"]
    assert balance(db, ROLES["loans_receivable"][0]) == "1200.0000"
    settle(db)
