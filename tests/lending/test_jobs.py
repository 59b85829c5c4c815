"""The daily jobs: what a day does to loans, run twice, late, in part, and by whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, settle
from tests.lending.jobs import (
    PAID,
    after,
    balances,
    charges,
    differences,
    lend,
    lend_by,
    open_jobs,
    pay,
    provision,
    run,
    run_daily,
    totals,
    unbooked,
)
from tests.lending.loans import acting_as, status
from tests.pgtap import as_role, results_eq, throws, value

MONTH = (date(2025, 2, 10) - PAID).days
"""Days until the first instalment is due: 207.06, of which 12.00 is interest."""


def test_interest_accrues_an_equal_part_a_day_and_is_booked_on_its_day(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    loan = lend(db)
    assert run(db, "accrue_interest", after(3)) == 3
    results_eq(
        db,
        "SELECT effective_on, booked_on, interest FROM lending.movements"
        " WHERE kind = 'charge' ORDER BY effective_on",
        [
            (after(1), after(1), Decimal("0.39")),
            (after(2), after(2), Decimal("0.38")),
            (after(3), after(3), Decimal("0.39")),
        ],
    )
    run(db, "accrue_interest", after(MONTH))
    assert balances(db, loan)["interest_accrued"] == 12
    settle(db)


def test_a_day_has_one_event_for_each_product_and_branch(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    lend(db)
    lend(db, p_principal="600.00")
    lend_by(db, "other", {})
    for code in ("east", "west"):
        db.execute(
            "INSERT INTO lending.branches (tenant_id, business_id, code, name)"
            " VALUES (%s, %s, %s, %s)",
            [books.tenant_id, books.business_id, code, code],
        )
        lend(db, p_branch_code=code)
    run_daily(db, after(2))
    results_eq(
        db,
        """SELECT payload ->> 'on', payload ->> 'product_code', payload ->> 'branch_code',
            (payload ->> 'interest_charged')::numeric
        FROM events.event_store WHERE event_type = 'lending.product_charged'
        ORDER BY 1, 2, 3""",
        [
            (str(day), product, branch, Decimal(interest))
            for day in (after(1), after(2))
            for product, branch, interest in (
                ("other", None, "0.39" if day == after(1) else "0.38"),
                ("season", "east", "0.39" if day == after(1) else "0.38"),
                ("season", "west", "0.39" if day == after(1) else "0.38"),
                ("season", None, "0.58"),
            )
        ],
    )
    settle(db)


def test_fees_fall_due_and_penalties_are_charged_after_their_days_of_grace(
    db: psycopg.Connection, books: Books
) -> None:
    fee = {"code": "visit", "name": "Visit", "occasion": "instalment", "basis": "flat"}
    open_jobs(db, fees=[fee | {"amount": "5.00"}], penalty_grace_days=2)
    loan = lend(db)
    run_daily(db, after(MONTH - 1))
    assert balances(db, loan)["fees"] == 0
    run_daily(db, after(MONTH))
    assert balances(db, loan)["fees"] == 5
    assert balances(db, loan)["days_past_due"] == 0
    run_daily(db, after(MONTH + 2))
    now = balances(db, loan)
    assert (now["days_past_due"], now["penalties"]) == (2, 0)
    assert run(db, "charge_penalties", after(MONTH + 4)) == 2
    # A thousandth a day of 207.06 and the fee.
    assert balances(db, loan)["penalties"] == pytest.approx(0.42)
    assert differences(db, loan) == {}
    settle(db)


def test_penalties_stop_at_their_cap(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db, penalty_cap_percent=1)
    loan = lend(db)
    run_daily(db, after(MONTH + 100))
    assert balances(db, loan)["penalties"] == 12
    assert differences(db, loan) == {}


def test_an_advance_goes_to_what_falls_due(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    loan, other = lend(db), lend(db)
    pay(db, loan, "300.00", after(5))
    assert balances(db, loan)["advance"] == 300
    run_daily(db, after(MONTH - 1))
    assert balances(db, loan)["advance"] == 300
    assert run(db, "accrue_interest", after(MONTH)) == 2
    now = balances(db, loan)
    assert now["advance"] == pytest.approx(92.94)
    assert (now["interest"], now["overdue"]) == (0, 0)
    run_daily(db, after(MONTH + 1))
    assert balances(db, other)["days_past_due"] == 1
    assert balances(db, loan)["days_past_due"] == 0
    assert (differences(db, loan), differences(db, other), unbooked(db)) == ({}, {}, [])
    settle(db)


def test_a_second_run_does_nothing(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    provision(db, {0: 1, 1: 10})
    loan = lend(db)
    assert run_daily(db, after(MONTH + 3)) == MONTH + 3
    before = (balances(db, loan), charges(db), totals(db, books))
    events = value(db, "SELECT count(*) FROM events.event_store")
    for job in JOBS:
        assert run(db, job, after(MONTH + 3)) == (job == "age_arrears")
    assert run_daily(db, after(5)) == 0
    assert (balances(db, loan), charges(db), totals(db, books)) == before
    assert value(db, "SELECT count(*) FROM events.event_store") == events


JOBS = ("accrue_interest", "charge_penalties", "age_arrears", "mark_defaulted_loans")
JOBS += ("provision_loans", "run_daily_jobs")


def test_a_late_run_is_what_daily_runs_would_have_been(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db, penalty_cap_percent=2)
    provision(db, {0: 1, 1: 5, 31: 50})
    loans = [lend(db), lend(db, p_principal="777.77"), lend(db)]
    pay(db, loans[1], "200.00", after(3))
    pay(db, loans[2], "100.00", after(20))
    until = MONTH + 95

    def outcome() -> Any:
        stood = [balances(db, loan) | {"schedule_id": None} for loan in loans]
        return [status(db, loan) for loan in loans], stood, charges(db), totals(db, books)

    with db.transaction(force_rollback=True):
        for days in range(1, until + 1):
            run_daily(db, after(days))
        daily = outcome()
    run_daily(db, after(until))
    assert outcome() == daily
    assert daily[0] == ["defaulted", "active", "defaulted"]
    assert unbooked(db) == []
    settle(db)


def test_jobs_in_any_order_count_a_day_once(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    provision(db, {0: 2})
    loan = lend(db)
    for days, job in enumerate(JOBS, start=1):
        run(db, job, after(days))
        now = balances(db, loan)
        assert now["processed_through"] == str(after(days))
        assert differences(db, loan) == {}
    assert balances(db, loan)["allowance"] == 24


def test_what_was_counted_already_is_left(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    ahead, behind = lend(db), lend(db)
    pay(db, ahead, "50.00", after(9))
    assert run_daily(db, after(4)) == 4
    assert balances(db, ahead)["processed_through"] == str(after(9))
    assert run_daily(db, after(10)) == 7
    assert differences(db, ahead) == differences(db, behind) == {}


def test_a_day_whose_books_are_closed_is_booked_when_they_are_open(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    lend(db)
    db.execute(
        "INSERT INTO lending.settings (tenant_id, business_id, books_open_from)"
        " VALUES (%s, %s, %s)",
        [books.tenant_id, books.business_id, after(3)],
    )
    provision(db, {0: 1})
    run_daily(db, after(4))
    results_eq(
        db,
        "SELECT DISTINCT booked_on FROM lending.movements"
        " WHERE kind IN ('charge', 'allowance') ORDER BY 1",
        [(after(3),), (after(4),)],
    )
    settle(db)


def test_nothing_accrues_on_what_is_closed_or_not_paid_out(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    loan = lend(db)
    pay(db, loan, "1200.39", after(1))
    assert status(db, loan) == "closed"
    assert run_daily(db, after(5)) == 0


def test_a_day_that_is_to_come_is_refused(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    lend(db)
    for day in ("current_date + 2", "'infinity'"):
        throws(db, "ZO050", f"CALL lending.run_daily_jobs('MAIN', {day})")


@pytest.mark.parametrize(
    ("sqlstate", "call"),
    [
        ("22023", "mark_defaulted_loans(0, 'MAIN', '2025-01-11')"),
        ("22023", "mark_defaulted_loans(NULL, 'MAIN', '2025-01-11')"),
        ("22023", "run_daily_jobs('MAIN', '2025-01-11', p_default_days => 36601)"),
        ("22023", "run_daily_jobs('MAIN', '2025-01-11', p_reminder_days => '{1, 0}')"),
        ("22023", "send_overdue_loan_notifications('MAIN', '2025-01-11', p_days => '{}')"),
        ("22023", "send_overdue_loan_notifications('MAIN', '2025-01-11', p_days => NULL)"),
        ("22023", "run_daily_jobs('MAIN', '-infinity')"),
        ("ZI005", "run_daily_jobs('NONE', '2025-01-11')"),
    ],
)
def test_what_makes_no_sense_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, call: str
) -> None:
    open_jobs(db)
    throws(db, sqlstate, f"CALL lending.{call}")


def test_without_a_business_they_run_for_those_of_the_token(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    loan = lend(db)
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    call = "CALL lending.run_daily_jobs(p_through => '2025-01-12')"
    claims: dict[str, Any] = {"p_business_ids": [side], "p_permissions": ["lending.run_jobs"]}
    with acting_as(db, "carol", **claims), as_role(db, "pgerp_app"):
        assert value(db, call) == 0
        throws(db, "ZI006", "CALL lending.run_daily_jobs('MAIN', '2025-01-12')")
    assert value(db, call) == 2
    assert balances(db, loan)["processed_through"] == "2025-01-12"


def test_only_who_may_runs_them(db: psycopg.Connection, books: Books) -> None:
    open_jobs(db)
    lend(db)
    jobs = [*JOBS, "send_overdue_loan_notifications"]
    may = ["lending.record_payments", "lending.configure"]
    with acting_as(db, "carol", p_permissions=may), as_role(db, "pgerp_app"):
        for job in jobs:
            named = "p_business_code => 'MAIN', p_through => '2025-01-11'"
            throws(db, "ZI011", f"CALL lending.{job}({named})")
    with as_role(db, "pgerp_readonly"):
        for job in jobs:
            throws(db, "42501", f"CALL lending.{job}(p_business_code => 'MAIN')")
