"""Whatever happens to whatever loan: the database has what a model has that goes day by day."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books
from tests.lending.engine import replay
from tests.lending.facts import START, agree, day, history, lend, record, restate, reverse
from tests.lending.loans import open_lending
from tests.lending.standing import KINDS, Agreement, Fact
from tests.lending.terms import METHODS, Terms
from tests.pgtap import value

SOME = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LAST = datetime.date(2026, 12, 31)
FEES = st.lists(st.sampled_from([Decimal("0.25"), Decimal("1.5"), Decimal(3)]), max_size=2)


@pytest.fixture(autouse=True)
def lender(db: psycopg.Connection, books: Books) -> None:
    """Accounts and posting rules, an officer."""
    open_lending(db)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """Draw what may be agreed of a loan."""
    scale = draw(st.sampled_from([2, 2, 0]))
    instalments = draw(st.integers(1, 8))
    grace = st.just(0) | st.integers(0, instalments - 1)
    frequency = draw(st.sampled_from(["month", "month", "week", "day"]))
    principal = draw(st.integers(2000, 90000)) * Decimal(1).scaleb(-scale)
    return Agreement(
        Terms(
            principal=principal,
            annual_rate_percent=draw(st.sampled_from([0, 12, 18, 36, 120]).map(Decimal)),
            instalments=instalments,
            disbursed_on=START,
            first_due_on=draw(st.none() | st.sampled_from([1, 11, 21, 52]).map(day)),
            every=draw(st.sampled_from([1, 1, 2])) if frequency != "day" else 10,
            frequency=frequency,
            method=draw(st.sampled_from(METHODS)),
            interest_calculation=draw(st.sampled_from(["period", "daily"])),
            day_count=draw(st.sampled_from(["30/360", "actual/365"])),
            grace_principal=draw(grace),
            grace_interest=draw(grace),
            interest_free=draw(grace),
            round_to=draw(st.sampled_from([None, None, Decimal(1), Decimal(2)])),
            scale=scale,
            rounding=draw(st.sampled_from(["half_even", "half_up"])),
        ),
        penalty_rate=draw(st.sampled_from([0, 24, 365]).map(Decimal)),
        penalty_grace_days=draw(st.sampled_from([0, 3])),
        penalty_cap=draw(st.sampled_from([None, Decimal(2)])),
        order=tuple(draw(st.permutations(KINDS))),
        allocate_by=draw(st.sampled_from(["kind", "instalment"])),
        flat_fees=tuple(draw(FEES)) if scale else (),
        percent_fees=tuple(draw(FEES)),
    )


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Draw what happens to a loan; most of it payments."""
    kind = draw(
        st.sampled_from(
            ["payment"] * 9
            + ["fee", "waiver", "write_off", "refund", "recovery"]
            + ["reschedule", "rate_change", "extension", "disbursement"]
        )
    )
    return Fact(
        kind,
        day(draw(st.integers(0, 230))),
        Fraction(draw(st.sampled_from([1, 7, 20, 60, 150, 400, 1000]))),
        draw(st.sampled_from(["advance", "reduce_instalment", "reduce_term"])),
        draw(st.sampled_from(KINDS[:3])) if kind == "waiver" else "",
        draw(st.sampled_from([0, 6, 24]).map(Decimal))
        if kind in ("rate_change", "reschedule")
        else None,
        draw(st.integers(1, 5)) if kind in ("reschedule", "extension") else 0,
    )


def happen(
    db: psycopg.Connection, loan: Any, agreed: Agreement, what: list[Fact | int]
) -> list[Fact | None]:
    """Record facts, and reverse those that a number names; return what is left of them."""
    kept: list[Fact | None] = [Fact("disbursement", START, Fraction(agreed.terms.principal))]
    ids: list[Any] = [None]
    for one in what:
        try:
            if isinstance(one, Fact):
                ids.append(record(db, loan, one))
                kept.append(one)
            elif kept[at := one % len(kept)] and at:
                reverse(db, ids[at], LAST)
                kept[at] = None
        except psycopg.errors.DatabaseError as error:
            event(f"{error.sqlstate} {one.kind if isinstance(one, Fact) else 'reversal'}")
            assert error.sqlstate in ("ZO013", "ZO014")
    return kept


@SOME
@given(
    agreed=agreements(),
    what=st.lists(facts() | facts() | facts() | st.integers(1, 9), max_size=8),
    seen=st.lists(st.integers(0, 290), max_size=3),
)
def test_the_database_has_every_loan_as_the_model_has_it(
    db: psycopg.Connection, agreed: Agreement, what: list[Fact | int], seen: list[int]
) -> None:
    with db.transaction(force_rollback=True):
        loan = lend(db, agreed)
        kept = happen(db, loan, agreed, what)
        through = value(db, "SELECT processed_through FROM lending.loan_balances")
        model = replay(agreed, kept, through)
        agree(db, loan, model)
        event(model.status)
        for on in map(day, seen):
            assert history(db, loan, on) == replay(agreed, kept, on).history[on]
        restate(db, loan, LAST)
        agree(db, loan, replay(agreed, kept, LAST))
        assert db.execute("SELECT * FROM lending.books_offenders()").fetchall() == []
