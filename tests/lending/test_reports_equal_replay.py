"""Reports of any day say what a replay of each loan's transactions says: random loans, by seed."""

from __future__ import annotations

import os
import random
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.loans import PAID, call, open_lending, paid_out
from tests.pgtap import value

EXAMPLES = int(os.environ.get("PGERP_TEST_EXAMPLES") or 8)
STEPS = 7
ORDERS = {
    "kind": ["principal", "interest", "fee", "penalty"],
    "instalment": ["penalty", "fee", "interest", "principal"],
}
FIRST = date.fromisoformat(PAID)
LAST = FIRST + timedelta(days=280)
DUE = (date(2026, 4, 10), date(2026, 5, 10), date(2026, 6, 10))
"""Days on which instalments of loans that were paid out on FIRST are due."""

DIFFERENT = """
SELECT d.day::text, l.loan_no, a.principal, (b.r).balances.principal, a.days_past_due,
    (b.r).balances.days_past_due, a.arrears, (b.r).balances.overdue - (b.r).balances.penalties
FROM unnest(%(days)s::date[]) AS d (day)
CROSS JOIN lending.loans AS l
CROSS JOIN LATERAL (
    SELECT lending.replay(l, d.day) AS r
    WHERE l.disbursed_on <= d.day
) AS b
LEFT JOIN LATERAL lending.arrears_as_of(l.tenant_id, ARRAY[l.business_id], d.day) AS a
    ON a.loan_id = l.id
WHERE l.tenant_id = %(tenant)s
    AND (
        coalesce(a.principal, 0), coalesce(a.days_past_due, 0), coalesce(a.arrears, 0),
        coalesce(a.is_written_off, false), coalesce(a.is_restructured, false)
    ) IS DISTINCT FROM (
        (b.r).balances.principal::numeric, (b.r).balances.days_past_due,
        CASE
            WHEN (b.r).status = 'written_off' THEN 0
            ELSE (b.r).balances.overdue - (b.r).balances.penalties
        END,
        (b.r).status = 'written_off',
        (b.r).restructured_on IS NOT NULL AND a.loan_id IS NOT NULL
    )"""
"""The loans and days of which a report and a replay differ."""


def change(conn: psycopg.Connection, pick: random.Random, loan: Any) -> None:
    """Have something happen to a loan, on any day; what cannot happen then, does not."""
    on = FIRST + timedelta(days=pick.randrange(260))
    money = Decimal(pick.choice(("5", "60", "217.77", "230", "480", "1500")))
    function, named = pick.choice(
        (
            *(
                (
                    "record_loan_payment",
                    {
                        "p_amount": money,
                        "p_paid_on": on,
                        "p_method": "cash",
                        "p_prepayment": pick.choice(
                            ("advance", "reduce_instalment", "reduce_term")
                        ),
                    },
                ),
            )
            * 7,
            ("charge_loan_fee", {"p_amount": 3, "p_charged_on": on}),
            ("waive_loan_balance", {"p_due_kind": "interest", "p_amount": 4, "p_waived_on": on}),
            ("reschedule_loan", {"p_instalments": 5, "p_rescheduled_on": on}),
            ("extend_loan", {"p_instalments": 2, "p_extended_on": on}),
            ("change_loan_rate", {"p_rate": 24, "p_changed_on": on}),
            ("write_off_loan", {"p_written_off_on": on}),
            ("refund_overpayment", {"p_refunded_on": on}),
            ("reverse_transaction", {"p_reason": "Twice", "p_reversed_on": on}),
        )
    )
    if function == "reverse_transaction":
        done = conn.execute(
            "SELECT id FROM lending.transactions WHERE loan_id = %s AND place > 1"
            " ORDER BY place DESC LIMIT 1",
            [loan],
        ).fetchone()
        if done is None:
            return
        named = {"p_transaction_id": done[0], **named}
    else:
        named = {"p_loan_id": loan, **named}
    attempt(conn, function, **named)


def live(conn: psycopg.Connection, pick: random.Random, loan: Any, number: int) -> None:
    """Have a loan pass through one of four lives."""
    on = FIRST + timedelta(days=pick.randrange(20, 120))
    if number % 4 in (0, 3):
        for _ in range(pick.randrange(2, STEPS)):
            change(conn, pick, loan)
    if number % 4 == 0:
        pay(conn, loan, LAST, 2500)
    elif number % 4 == 1:
        # With the last day that is counted on the due date of an instalment.
        pay(conn, loan, pick.choice(DUE), pick.choice((333, 555, 777)))
    elif number % 4 == 2:
        attempt(conn, "write_off_loan", p_loan_id=loan, p_written_off_on=on)
    else:
        pay(conn, loan, on, 555)


def pay(conn: psycopg.Connection, loan: Any, on: date, amount: int) -> None:
    """Have a payment, of which what is not due is kept."""
    paying = {"p_paid_on": on, "p_method": "cash", "p_prepayment": "advance"}
    attempt(conn, "record_loan_payment", p_loan_id=loan, p_amount=amount, **paying)


def attempt(conn: psycopg.Connection, function: str, **named: Any) -> None:
    """Call a function of lending; what is refused does not happen."""
    try:
        with conn.transaction():
            call(conn, function, **named)
    except psycopg.Error as error:
        assert error.sqlstate, error
        assert error.sqlstate[:2] == "ZO" or error.sqlstate == "22023", error


@pytest.mark.parametrize("allocate_by", ["kind", "instalment"])
def test_reports_of_any_day_equal_a_replay(
    db: psycopg.Connection, books: Books, allocate_by: str
) -> None:
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    sys.stdout.write(f"PGERP_TEST_SEED={seed}\n")
    pick = random.Random(seed)
    open_lending(
        db,
        allocate_by=allocate_by,
        prepayment="advance",
        allocation_order=ORDERS[allocate_by],
        penalty_rate_percent=36,
        penalty_grace_days=pick.choice((0, 5)),
    )
    for number in range(EXAMPLES):
        loan = paid_out(db)
        live(db, pick, loan, number)
    # Some beyond what has been counted, where what was kept is still to be used.
    days = [FIRST + timedelta(days=pick.randrange(-3, 420)) for _ in range(25)]
    found = db.execute(DIFFERENT, {"days": days, "tenant": books.tenant_id}).fetchall()
    assert found == []
    # The cases were there: something kept beyond what was counted, given up, and paid back.
    assert value(db, "SELECT count(*) FROM lending.loan_balances WHERE advance > 0") > 0
    assert value(db, "SELECT count(*) FROM lending.loans WHERE status = 'written_off'") > 0
    assert value(db, "SELECT count(*) FROM lending.loans WHERE closed_on IS NOT NULL") > 0
