"""Who records payments, what is refused, what is recorded once, and when it is booked."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, open_books, settle
from tests.lending.even import APRIL_10, JUNE_10, MAY_10, lend_even, split
from tests.lending.facts import pay, record, restate, reverse
from tests.lending.loans import acting_as, apply, open_lending
from tests.lending.standing import Fact
from tests.pgtap import as_role, results_eq, throws, value

PAY = """SELECT lending.record_loan_payment(%(loan)s, %(amount)s, %(on)s, %(method)s,
    %(reference)s, %(key)s, %(prepayment)s)"""
ASKED: dict[str, Any] = {
    "amount": 106,
    "on": "2026-04-10",
    "method": "mpesa",
    "reference": "QK1",
    "key": None,
    "prepayment": None,
}


@pytest.fixture(name="loan")
def lent(db: psycopg.Connection, books: Books) -> Any:
    """A loan of 600 in six parts."""
    open_lending(db)
    return lend_even(db)


def test_a_request_that_is_sent_twice_is_one_payment(db: psycopg.Connection, loan: Any) -> None:
    asked = ASKED | {"loan": loan, "key": "till-1/17"}
    made = value(db, PAY, asked)
    assert value(db, PAY, asked | {"amount": "106.00"}) == made
    for change in (
        {"amount": 107},
        {"on": "2026-04-11"},
        {"method": "cash"},
        {"reference": None},
        {"prepayment": "reduce_term"},
    ):
        throws(db, "ZO040", PAY, asked | change)
    assert value(db, PAY, asked | {"key": "till-1/18"}) != made
    assert value(db, "SELECT count(*) FROM lending.transactions WHERE kind = 'payment'") == 2


@pytest.mark.parametrize(
    ("sqlstate", "change"),
    [
        ("22023", {"amount": 0}),
        ("22023", {"amount": -5}),
        ("22023", {"amount": "0.001"}),
        ("22023", {"amount": "NaN"}),
        ("22023", {"amount": "Infinity"}),
        ("22023", {"amount": None}),
        ("22023", {"prepayment": "later"}),
        ("ZO012", {"on": "2026-03-09"}),
        ("ZO012", {"on": "infinity"}),
        ("ZO012", {"on": "-infinity"}),
        ("ZO012", {"on": None}),
        ("22023", {"method": None}),
        ("23514", {"method": " "}),
        ("ZO010", {"loan": None}),
        ("ZO010", {"loan": "00000000-0000-7000-8000-000000000000"}),
    ],
    ids=str,
)
def test_what_is_no_payment_is_refused_and_leaves_nothing(
    db: psycopg.Connection, loan: Any, sqlstate: str, change: dict[str, Any]
) -> None:
    error = throws(db, sqlstate, PAY, ASKED | {"loan": loan, "key": "k"} | change)
    assert error.diag.message_hint or sqlstate == "23514"
    assert value(db, "SELECT count(*) FROM lending.transactions") == 1
    assert value(db, "SELECT count(*) FROM lending.idempotency_keys") == 0


def test_a_loan_that_is_not_paid_out_takes_no_payment(db: psycopg.Connection, loan: Any) -> None:
    waiting = apply(db, p_product_code="terms", p_principal=600)
    throws(db, "ZO011", PAY, ASKED | {"loan": waiting})
    tenant = value(db, "SELECT identity.current_tenant()")
    throws(db, "ZO011", "SELECT lending.restate(%s, %s)", [tenant, waiting])
    assert value(db, "SELECT total FROM lending.loan_balance(%s)", [waiting]) == 0
    assert value(db, "SELECT lending.payoff_amount(%s)", [waiting]) == 0


def test_only_who_may_records_payments_and_reverses_them(db: psycopg.Connection, loan: Any) -> None:
    asked = ASKED | {"loan": loan}
    undo = "SELECT lending.reverse_transaction(%s, 'wrong', '2026-04-11')"
    with acting_as(db, "carl", p_permissions=["lending.record_payments"]), as_role(db, "pgerp_app"):
        made = value(db, PAY, asked)
        throws(db, "ZI011", undo, [made])
    with acting_as(db, "dora", p_permissions=["lending.correct"]), as_role(db, "pgerp_app"):
        throws(db, "ZI011", PAY, asked)
        db.execute(undo, [made])
    with as_role(db, "pgerp_readonly"):
        throws(db, "42501", PAY, asked)
        throws(db, "42501", undo, [made])
        assert value(db, "SELECT principal FROM lending.loan_balance(%s, '2026-04-10')", [loan])


def test_loans_of_a_business_that_the_token_does_not_cover_are_not_there(
    db: psycopg.Connection, loan: Any, books: Books
) -> None:
    made = value(db, PAY, ASKED | {"loan": loan})
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    with acting_as(db, "alice", p_business_ids=[side]), as_role(db, "pgerp_app"):
        throws(db, "ZO010", PAY, ASKED | {"loan": loan})
        throws(db, "ZO010", "SELECT * FROM lending.loan_balance(%s)", [loan])
        throws(db, "ZO010", "SELECT lending.payoff_amount(%s)", [loan])
        throws(db, "ZO015", "SELECT lending.reverse_transaction(%s, 'wrong')", [made])
        assert value(db, "SELECT count(*) FROM lending.payment_schedules") == 0


def test_a_day_that_is_none_has_no_balance(db: psycopg.Connection, loan: Any) -> None:
    throws(db, "22023", "SELECT * FROM lending.loan_balance(%s, 'infinity')", [loan])
    assert value(db, "SELECT total FROM lending.loan_balance(%s, '2026-03-09')", [loan]) == 0


def test_to_restate_again_changes_nothing(db: psycopg.Connection, loan: Any) -> None:
    pay(db, loan, 106, "2026-04-01", p_prepayment="reduce_term")
    counts = """SELECT (SELECT count(*) FROM lending.movements),
        (SELECT count(*) FROM lending.schedules), (SELECT version FROM lending.loans),
        (SELECT count(*) FROM events.event_store)"""
    before = db.execute(counts).fetchone()
    restate(db, loan)
    restate(db, loan, datetime.date(2026, 3, 20))
    assert db.execute(counts).fetchone() == before


def test_charges_of_days_that_are_made_up_are_booked_by_month(
    db: psycopg.Connection, loan: Any
) -> None:
    restate(db, loan, JUNE_10)
    results_eq(
        db,
        "SELECT effective_on::text, booked_on::text, round(interest, 2)::text"
        " FROM lending.movements WHERE kind = 'charge' ORDER BY effective_on",
        [
            # 21 of 31 days of 6; then up to 20 of 30 of 5, and so on.
            ("2026-03-31", "2026-03-31", "4.06"),
            ("2026-04-30", "2026-04-30", "5.27"),
            ("2026-05-31", "2026-05-31", "4.38"),
            ("2026-06-10", "2026-06-10", "1.29"),
        ],
    )
    settle(db)


def test_what_concerns_closed_books_is_booked_when_they_open(
    db: psycopg.Connection, loan: Any, books: Books
) -> None:
    pay(db, loan, 105, MAY_10)
    db.execute(
        "INSERT INTO lending.settings (tenant_id, business_id, books_open_from)"
        " VALUES (%s, %s, '2026-06-01')",
        [books.tenant_id, books.business_id],
    )
    earlier = pay(db, loan, 106, APRIL_10)
    restate(db, loan, JUNE_10)
    results_eq(
        db,
        "SELECT kind::text, effective_on::text, booked_on::text, cash FROM lending.movements"
        " WHERE booked_on >= '2026-06-01' ORDER BY kind, effective_on",
        [
            ("charge", "2026-05-31", "2026-06-01", 0),
            ("charge", "2026-06-10", "2026-06-10", 0),
            ("payment", "2026-04-10", "2026-06-01", 106),
            ("payment", "2026-05-10", "2026-06-01", 0),
        ],
    )
    reverse(db, earlier, datetime.date(2026, 5, 20))
    settle(db)


def test_a_payment_of_a_future_day_waits_for_it_in_balances(
    db: psycopg.Connection, loan: Any
) -> None:
    record(db, loan, Fact("payment", JUNE_10, Fraction(315)))
    assert value(db, "SELECT principal FROM lending.loan_balance(%s, '2026-06-09')", [loan]) == 600
    assert value(db, "SELECT principal FROM lending.loan_balance(%s, '2026-06-10')", [loan]) == 300


def test_two_payments_at_once_wait_for_each_other(clone: str) -> None:
    with connect(clone) as first, connect(clone) as second, connect(clone) as observer:
        books = open_books(first)
        open_lending(first)
        loan = lend_even(first)
        for conn in (second, observer):
            conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        with first.transaction():
            made = pay(first, loan, 106, APRIL_10)
            waiting = Background(second, lambda: pay(second, loan, 106, APRIL_10))
            assert waiting.waits(observer)
        assert waiting.result() is None
        assert split(observer, made) == ("100", "6", "0", "0", "0")
        assert split(observer, waiting.value) == ("0", "0", "0", "0", "106")


def test_the_same_request_at_once_is_one_payment(clone: str) -> None:
    with connect(clone) as first, connect(clone) as second, connect(clone) as observer:
        books = open_books(first)
        open_lending(first)
        asked = ASKED | {"loan": lend_even(first), "key": "till-1/17"}
        second.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        with first.transaction():
            made = value(first, PAY, asked)
            waiting = Background(second, lambda: value(second, PAY, asked))
            assert waiting.waits(observer)
        assert waiting.result() is None
        assert waiting.value == made
