"""Whatever the terms, and whatever is paid when: days counted by set are what one replay makes."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books, settle
from tests.lending.jobs import (
    PAID,
    differences,
    lend_by,
    open_jobs,
    pay,
    provision,
    run_daily,
    unbooked,
)
from tests.lending.terms import DAY_COUNTS, METHODS

# An example takes seconds: what fails is printed as it was drawn.
SOME = settings(
    max_examples=int(os.environ.get("PGERP_TEST_EXAMPLES") or 12),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Fact:
    """Something that happens to a loan.

    Attributes:
        gap: Days since what happened before it.
        loan: Which loan, of those that there are.
        kind: Of lending.transaction_kind.
        part: Of the principal, in thousandths: the amount.
        due_kind: Of a waiver: what is waived.
        is_late: Whether the jobs run after it only.
    """

    gap: int
    loan: int
    kind: str
    part: int
    due_kind: str
    is_late: bool


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the terms of a product."""
    return {
        "method": draw(st.sampled_from(METHODS)),
        "interest_calculation": draw(st.sampled_from(["period", "daily"])),
        "day_count": draw(st.sampled_from(DAY_COUNTS)),
        "every": draw(st.integers(1, 3)),
        "frequency": draw(st.sampled_from(["week", "week", "month", "day"])),
        "grace_principal": draw(st.sampled_from([0, 0, 1, 2])),
        "grace_interest": draw(st.sampled_from([0, 0, 1, 2])),
        "interest_free": draw(st.sampled_from([0, 0, 1, 2])),
        "minor_units": draw(st.sampled_from([0, 2, 2])),
        "round_to": draw(st.sampled_from([None, None, 5])),
        "rounding": draw(st.sampled_from(["half_even", "half_up"])),
        "penalty_rate_percent": draw(st.sampled_from([0, 24, 365])),
        "penalty_grace_days": draw(st.sampled_from([0, 0, 1, 5])),
        "penalty_cap_percent": draw(st.sampled_from([None, 1, 10])),
        "allocation_order": draw(st.permutations(["penalty", "fee", "interest", "principal"])),
        "allocate_by": draw(st.sampled_from(["kind", "instalment"])),
        "prepayment": draw(st.sampled_from(["advance", "advance", "reduce_instalment"])),
        "fees": draw(
            st.sampled_from(
                [
                    [],
                    [
                        {"code": "a", "name": "A", "occasion": "instalment", "basis": "flat"}
                        | {"amount": 3}
                    ],
                    [
                        {"code": "a", "name": "A", "occasion": "instalment", "basis": "percent"}
                        | {"amount": "1.5"}
                    ],
                ]
            )
        ),
    }


FACTS = st.builds(
    Fact,
    gap=st.integers(0, 12),
    loan=st.integers(0, 2),
    kind=st.sampled_from(["payment"] * 8 + ["fee", "waiver", "rate_change", "extension"]),
    part=st.integers(5, 150) | st.integers(150, 1300),
    due_kind=st.sampled_from(["interest", "fee", "penalty"]),
    is_late=st.booleans(),
)


def record(db: psycopg.Connection, books: Books, loan: Any, fact: Fact, on: Any) -> bool:
    """Record a fact; return whether it may follow what has happened."""
    principal, units = db.execute(
        "SELECT principal, minor_units FROM lending.loans WHERE id = %s", [loan]
    ).fetchone()  # type: ignore[misc]
    amount = max(round(principal * fact.part / 1000, units), Decimal(1))
    try:
        with db.transaction():
            if fact.kind == "payment":
                pay(db, loan, amount, on)
                return True
            row = {"kind": fact.kind, "effective_on": str(on)} | {
                "fee": {"amount": str(amount)},
                "waiver": {"amount": str(amount), "due_kind": fact.due_kind},
                "rate_change": {"annual_rate_percent": fact.part % 60},
                "extension": {"instalments": 1 + fact.part % 3},
            }[fact.kind]
            db.execute(
                "SELECT lending.add_transaction("
                "l, jsonb_populate_record(NULL::lending.transactions, %s))"
                " FROM lending.loans AS l WHERE l.id = %s",
                [json.dumps(row), loan],
            )
            db.execute("SELECT lending.restate(%s, %s)", [books.tenant_id, loan])
    except psycopg.Error as error:
        # Written off, closed, or nothing is left to change.
        assert (error.sqlstate or "").startswith("ZO"), error
        return False
    return True


@SOME
@given(
    terms=st.lists(products(), min_size=1, max_size=3),
    instalments=st.integers(3, 8),
    rate=st.sampled_from([0, 12, 48]),
    facts=st.lists(FACTS, min_size=1, max_size=8),
    rest=st.integers(0, 40),
)
def test_days_by_set_are_what_a_replay_makes_of_each_loan(
    db: psycopg.Connection,
    books: Books,
    terms: list[dict[str, Any]],
    instalments: int,
    rate: int,
    facts: list[Fact],
    rest: int,
) -> None:
    with db.transaction(force_rollback=True):
        open_jobs(db)
        provision(db, {0: 1, 5: 20})
        loans = [
            lend_by(
                db,
                f"p{number}",
                {**product, "min_rate_percent": 0, "min_instalments": 3},
                p_principal=str(500 + 307 * number),
                p_instalments=instalments,
                p_rate=rate,
            )
            for number, product in enumerate(terms)
        ]
        day = PAID
        for fact in facts:
            day += timedelta(days=fact.gap)
            if not fact.is_late and day > PAID:
                run_daily(db, day - timedelta(days=1))
            loan = loans[fact.loan % len(loans)]
            event(f"{fact.kind} {record(db, books, loan, fact, day)}")
            assert differences(db, loan) == {}
        for gap in itertools.chain([1], [rest] * (rest > 0)):
            day += timedelta(days=gap)
            run_daily(db, day)
            assert {loan: found for loan in loans if (found := differences(db, loan))} == {}
        assert unbooked(db) == []
        settle(db)
