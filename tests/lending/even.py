"""A loan whose figures can be reckoned in the head: 600 at 12 percent in six parts of 100."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import psycopg

from tests.lending.facts import START, lend
from tests.lending.standing import Agreement
from tests.lending.terms import Terms
from tests.pgtap import value

APRIL_10, MAY_10, JUNE_10 = (datetime.date(2026, month, 10) for month in (4, 5, 6))
"""When the first instalments are due: 106, 105 and 104."""


def even(penalty_rate: str = "0", grace: int = 0, cap: str | None = None, **more: Any) -> Agreement:
    """Return the agreement; more: of Terms, or of Agreement."""
    own = {name: more.pop(name) for name in ("order", "allocate_by", "flat_fees") if name in more}
    terms = {"method": "declining_equal_principal", **more}
    return Agreement(
        Terms(Decimal(600), Decimal(12), 6, START, **terms),
        penalty_rate=Decimal(penalty_rate),
        penalty_grace_days=grace,
        penalty_cap=cap and Decimal(cap),
        **own,
    )


def lend_even(conn: psycopg.Connection, **more: Any) -> Any:
    """Pay it out on 10 March; return its id."""
    return lend(conn, even(**more))


def split(conn: psycopg.Connection, payment: Any) -> tuple[str, ...]:
    """Return what a payment went to: principal, interest, fees, penalties, and what is kept."""
    row = conn.execute(
        """SELECT -sum(principal), -sum(interest), -sum(fees), -sum(penalties), sum(advance)
        FROM lending.movements WHERE transaction_id = %s""",
        [payment],
    ).fetchone()
    assert row is not None
    return tuple(f"{amount.normalize():f}" for amount in row)


def owed(conn: psycopg.Connection, loan: Any, on: Any) -> tuple[Any, ...]:
    """Return principal, interest, fees, penalties, overdue and days past due."""
    row = conn.execute(
        """SELECT principal, interest, fees, penalties, overdue, days_past_due
        FROM lending.loan_balance(%s, %s)""",
        [loan, on],
    ).fetchone()
    assert row is not None
    return (*(f"{amount.normalize():f}" for amount in row[:5]), row[5])


def parts(conn: psycopg.Connection, loan: Any) -> list[tuple[str, str, str]]:
    """Return due date, principal and interest of the instalments by the version in force."""
    return [
        (f"{due:%m-%d}", f"{principal.normalize():f}", f"{interest.normalize():f}")
        for due, principal, interest in conn.execute(
            "SELECT due_date, principal, interest FROM lending.payment_schedules"
            " WHERE loan_id = %s ORDER BY instalment_no",
            [loan],
        )
    ]


def payoff(conn: psycopg.Connection, loan: Any, on: Any) -> str:
    """Return what closes the loan on a day."""
    return f"{value(conn, 'SELECT lending.payoff_amount(%s, %s)', [loan, on]).normalize():f}"
