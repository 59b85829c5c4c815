"""Payments beside the daily jobs, and jobs beside jobs: they wait in one order, and count once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, offenders, open_books
from tests.lending.jobs import (
    PAID,
    PLAIN,
    after,
    balances,
    differences,
    lend,
    open_jobs,
    pay,
    provision,
    run_daily,
    unbooked,
)
from tests.lending.loans import apply, approve, disburse
from tests.lending.products import save_product
from tests.pgtap import value

MONTH = (date(2025, 2, 10) - PAID).days


@dataclass
class Shared:
    """Committed loans, the day through which they were counted, and sessions with their token."""

    books: Books
    loans: list[Any]
    one: psycopg.Connection
    two: psycopg.Connection
    observer: psycopg.Connection

    def are_right(self) -> None:
        """Each loan stands as its transactions have it, and so do the books."""
        assert {loan: found for loan in self.loans if (found := differences(self.one, loan))} == {}
        assert unbooked(self.one) == []
        assert offenders(self.one) == {}


@pytest.fixture
def shared(clone: str) -> Iterator[Shared]:
    with connect(clone) as one, connect(clone) as two, connect(clone) as observer:
        books = open_books(one)
        open_jobs(one)
        provision(one, {0: 1, 1: 10})
        loans = [lend(one) for _ in range(3)]
        two.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        run_daily(one, after(MONTH + 1))
        yield Shared(books, loans, one, two, observer)


def test_the_jobs_wait_for_a_payment_and_count_what_it_left(shared: Shared) -> None:
    first, middle, _ = shared.loans
    shared.one.execute("BEGIN")
    pay(shared.one, middle, "300.00", after(MONTH + 1))
    jobs = Background(shared.two, lambda: run_daily(shared.two, after(MONTH + 2)))
    assert jobs.waits(shared.observer)
    # The jobs hold the first and wait for the second: of neither does the payer need more.
    pay(shared.one, middle, "10.00", after(MONTH + 1))
    shared.one.execute("COMMIT")
    assert jobs.result() is None
    assert jobs.value == 3
    assert balances(shared.one, first)["days_past_due"] == 2
    assert balances(shared.one, middle)["days_past_due"] == 0
    shared.are_right()


def test_a_payment_waits_for_the_jobs_and_finds_what_they_counted(shared: Shared) -> None:
    loan = shared.loans[0]
    shared.one.execute("BEGIN")
    assert run_daily(shared.one, after(MONTH + 3)) == 6
    payment = Background(shared.two, lambda: pay(shared.two, loan, "300.00", after(MONTH + 2)))
    assert payment.waits(shared.observer)
    shared.one.execute("COMMIT")
    assert payment.result() is None
    assert balances(shared.one, loan)["processed_through"] == str(after(MONTH + 3))
    shared.are_right()


def test_two_runs_at_once_count_each_day_once(shared: Shared) -> None:
    shared.one.execute("BEGIN")
    assert run_daily(shared.one, after(MONTH + 3)) == 6
    again = Background(shared.two, lambda: run_daily(shared.two, after(MONTH + 4)))
    assert again.waits(shared.observer)
    shared.one.execute("COMMIT")
    assert again.result() is None
    assert again.value == 3
    shared.are_right()


def test_a_loan_that_is_paid_out_meanwhile_is_for_the_next_run(shared: Shared) -> None:
    """It is not waited for by who has posted already: that could be crosswise."""
    late = approve(shared.one, apply(shared.one, p_applied_on="2025-01-02"), p_approved_on=PAID)
    keys = [shared.books.tenant_id, shared.books.business_id]
    shared.two.execute("BEGIN")
    enter = "SELECT set_config('pgerp.tenant_id', %s, true)"
    shared.two.execute(enter, [str(shared.books.tenant_id)])
    locked = value(shared.two, "SELECT lending.lock_open_loans(%s, ARRAY[%s]::integer[])", keys)
    assert set(locked) == set(shared.loans)
    disburse(shared.one, late, p_disbursed_on=after(MONTH + 1))
    count = "SELECT lending.process_day(%s, %s, %s, %s)"
    shared.two.execute(count, [*keys, after(MONTH + 2), locked])
    shared.one.execute("SET lock_timeout = 100")
    pay(shared.one, late, "1.00", after(MONTH + 1))
    shared.two.execute("COMMIT")
    assert balances(shared.one, late)["processed_through"] == str(after(MONTH + 1))
    shared.loans.append(late)
    assert run_daily(shared.one, after(MONTH + 2)) == 1
    shared.are_right()


def test_who_lends_by_a_shared_product_waits_before_anything_is_counted(shared: Shared) -> None:
    """Events of one product are numbered, over businesses and days: to wait there is too late."""
    shared_product = PLAIN | {"currency_code": "USD"}
    save_product(shared.one, None, "shared", **shared_product)
    for business in ("MAIN", "SIDE"):
        shared.loans.append(lend(shared.one, p_business_code=business, p_product_code="shared"))
    shared.one.execute("BEGIN")
    run_daily(shared.one, after(MONTH + 2))
    jobs = Background(shared.two, lambda: run_daily(shared.two, after(2), business="SIDE"))
    assert jobs.waits(shared.observer)
    written = (
        "SELECT count(*) FROM pg_locks WHERE pid = %s AND mode = 'RowExclusiveLock'"
        " AND relation = 'lending.loan_balances'::regclass"
    )
    found = value(shared.observer, written, [shared.two.info.backend_pid])
    shared.one.execute("COMMIT")
    assert jobs.result() is None
    assert (found, jobs.value) == (0, 2)
    shared.are_right()
