"""Default and allowance: how late loans are, to the day, and what is set aside for them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, balance, settle
from tests.lending.books import ROLES
from tests.lending.jobs import (
    PAID,
    after,
    balances,
    lend,
    lend_by,
    open_jobs,
    pay,
    provision,
    run,
    run_daily,
    unbooked,
)
from tests.lending.loans import acting_as, call, status
from tests.pgtap import as_role, results_eq, throws

MONTH = (date(2025, 2, 10) - PAID).days
RATES = {0: 1, 1: 10, 31: 50, 91: 100}
ALLOWANCE = ROLES["loan_loss_allowance"][0]


def test_more_than_so_many_days_late_is_in_default(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    loan = lend(db)
    assert run(db, "mark_defaulted_loans", after(MONTH + 90)) == 0
    assert (balances(db, loan)["days_past_due"], status(db, loan)) == (90, "active")
    assert run(db, "mark_defaulted_loans", after(MONTH + 91)) == 1
    results_eq(
        db,
        "SELECT status::text, defaulted_on FROM lending.loans",
        [("defaulted", after(MONTH + 91))],
    )
    assert run(db, "mark_defaulted_loans", after(MONTH + 92)) == 0


def test_a_late_run_knows_since_when_a_loan_is_in_default(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    lend(db)
    assert run(db, "mark_defaulted_loans", after(MONTH + 60), p_days=30) == 1
    results_eq(db, "SELECT defaulted_on FROM lending.loans", [(after(MONTH + 31),)])


def test_a_loan_in_default_still_accrues_until_it_is_paid(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    loan = lend(db)
    run_daily(db, after(MONTH + 20), p_default_days=10)
    assert status(db, loan) == "defaulted"
    before = balances(db, loan)["interest_accrued"]
    run_daily(db, after(MONTH + 21), p_default_days=10)
    assert balances(db, loan)["interest_accrued"] > before
    pay(db, loan, "250.00", after(MONTH + 21))
    assert status(db, loan) == "active"
    results_eq(db, "SELECT defaulted_on FROM lending.loans", [(None,)])


@pytest.mark.parametrize(
    ("late", "allowance"),
    [(0, 12), (1, 120), (30, 120), (31, 600), (90, 600), (91, 1200)],
)
def test_the_rate_is_that_of_the_days_past_due(
    db: psycopg.Connection, books: Books, late: int, allowance: int
) -> None:
    open_jobs(db)
    provision(db, RATES)
    loan = lend(db)
    assert run(db, "provision_loans", after(MONTH + late)) == sum(d <= late for d in RATES)
    now = balances(db, loan)
    assert (now["days_past_due"], now["allowance"]) == (late, allowance)
    assert balance(db, ALLOWANCE) == f"-{allowance}.0000"
    settle(db)


def test_it_is_rounded_as_the_loan_is(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db, currency_code="USD")
    provision(db, {0: 0.25})
    even = lend(db, p_principal="1002.00")
    up = lend_by(db, "up", {"rounding": "half_up"}, p_principal="1002.00")
    run_daily(db, after(1))
    assert balances(db, even)["allowance"] == 2.5
    assert balances(db, up)["allowance"] == pytest.approx(2.51)


def test_it_is_released_as_the_loan_is_paid_and_when_nothing_is_owed(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    provision(db, RATES)
    loan, lost = lend(db), lend(db)
    run_daily(db, after(MONTH + 31))
    assert (balances(db, loan)["allowance"], balance(db, ALLOWANCE)) == (600, "-1200.0000")
    pay(db, loan, "400.00", after(MONTH + 31))
    run_daily(db, after(MONTH + 32))
    now = balances(db, loan)
    assert now["days_past_due"] > 0 or now["allowance"] == pytest.approx(now["principal"] / 100)
    owed = db.execute("SELECT lending.payoff_amount(%s, %s)", [loan, after(MONTH + 33)]).fetchone()
    assert owed
    pay(db, loan, owed[0], after(MONTH + 33))
    call(db, "write_off_loan", p_loan_id=lost, p_written_off_on=after(MONTH + 33), p_reason="Gone")
    run_daily(db, after(MONTH + 34))
    assert (status(db, loan), status(db, lost)) == ("closed", "written_off")
    assert (balances(db, loan)["allowance"], balances(db, lost)["allowance"]) == (0, 0)
    assert Decimal(balance(db, ALLOWANCE)) == 0
    assert unbooked(db) == []
    settle(db)


def test_each_day_has_one_event_for_what_was_raised_and_released(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    provision(db, {0: 1, 1: 10})
    late, paid = lend(db), lend(db)
    run_daily(db, after(MONTH - 1))
    pay(db, paid, "207.06", after(MONTH - 1))
    run_daily(db, after(MONTH + 1))
    results_eq(
        db,
        """SELECT payload ->> 'on', (payload ->> 'raised')::numeric,
            (payload ->> 'released')::numeric
        FROM events.event_store WHERE event_type = 'lending.product_allowance_changed'
        ORDER BY 1""",
        [
            (str(after(1)), 24, 0),
            (str(after(MONTH)), 0, Decimal("1.95")),
            (str(after(MONTH + 1)), 108, 0),
        ],
    )
    assert balances(db, late)["allowance"] == 120
    settle(db)


def test_rates_are_replaced_as_a_whole(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    provision(db, RATES)
    provision(db, {5: 12.5})
    results_eq(
        db,
        "SELECT min_days_past_due, rate_percent, business_id, created_by"
        " FROM lending.provision_rates",
        [(5, Decimal("12.5"), books.business_id, "alice")],
    )
    loan = lend(db)
    run_daily(db, after(MONTH + 5))
    assert balances(db, loan)["allowance"] == 150
    provision(db, {})
    run_daily(db, after(MONTH + 6))
    assert balances(db, loan)["allowance"] == 0


@pytest.mark.parametrize(
    ("sqlstate", "rates"),
    [
        ("22023", {}),
        ("22023", None),
        ("22023", [1]),
        ("22023", [{"min_days_past_due": 1, "rate": 5}]),
        ("23502", [{"min_days_past_due": 1}]),
        ("23505", [{"min_days_past_due": 1, "rate_percent": 5}] * 2),
        ("23514", [{"min_days_past_due": -1, "rate_percent": 5}]),
        ("23514", [{"min_days_past_due": 1, "rate_percent": 101}]),
        ("23514", [{"min_days_past_due": 1, "rate_percent": "NaN"}]),
        ("22P02", [{"min_days_past_due": "one", "rate_percent": 5}]),
    ],
)
def test_malformed_rates_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, rates: Any
) -> None:
    throws(db, sqlstate, "SELECT lending.set_provision_rates('MAIN', %s)", [json.dumps(rates)])


def test_only_who_configures_sets_rates(db: psycopg.Connection, books: Books) -> None:
    call = "SELECT lending.set_provision_rates('MAIN', '[]')"
    with acting_as(db, "carol", p_permissions=["lending.run_jobs"]), as_role(db, "pgerp_app"):
        throws(db, "ZI011", call)
    with acting_as(db, "carol", p_permissions=["lending.configure"]), as_role(db, "pgerp_app"):
        db.execute(call)
        throws(db, "ZI005", "SELECT lending.set_provision_rates('NONE', '[]')")
