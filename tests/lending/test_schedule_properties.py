"""Whatever the terms are: sums are exact, nothing is negative, and the end is zero."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction

import psycopg
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.lending.terms import DAY_COUNTS, FREQUENCIES, METHODS, Terms, model, preview
from tests.pgtap import throws

MANY = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    """Draw any terms that are not refused at sight, most of them such as lenders use."""
    scale = draw(st.integers(0, 4))
    smallest = Decimal(1).scaleb(-scale)
    instalments = draw(st.integers(1, 40) | st.integers(1, 1200))
    grace = st.just(0) | st.integers(0, min(6, instalments - 1)) | st.integers(0, instalments - 1)
    disbursed_on = draw(st.dates(datetime.date(1999, 1, 1), datetime.date(2104, 12, 31)))
    first = st.none() | st.integers(1, 400).map(lambda d: disbursed_on + datetime.timedelta(days=d))
    counts = st.integers(1, 2000) | st.integers(10**4, 10**8) | st.integers(1, 10**15)
    multiples = st.sampled_from([1, 5, 10, 100, 500, 1000]) | st.integers(1, 10**6)
    return Terms(
        principal=draw(counts) * smallest,
        annual_rate_percent=draw(
            st.just(Decimal(0))
            | st.decimals(0, 60, places=2)
            | st.decimals(0, 10000, places=draw(st.integers(0, 10)))
        ),
        instalments=instalments,
        disbursed_on=disbursed_on,
        first_due_on=draw(first),
        every=draw(st.integers(1, 3) | st.integers(1, 60)),
        frequency=draw(st.sampled_from(FREQUENCIES)),
        method=draw(st.sampled_from(METHODS)),
        interest_calculation=draw(st.sampled_from(["period", "daily"])),
        day_count=draw(st.sampled_from(DAY_COUNTS)),
        grace_principal=draw(grace),
        grace_interest=draw(grace),
        interest_free=draw(grace),
        round_to=draw(st.none() | multiples.map(lambda m: m * smallest)),
        scale=scale,
        rounding=draw(st.sampled_from(["half_even", "half_up"])),
    )


@MANY
@given(terms=all_terms())
def test_every_schedule_is_sound_and_what_fractions_make_of_its_terms(
    db: psycopg.Connection, terms: Terms
) -> None:
    expected = model(terms)
    if expected is None:
        event("rounded to nothing")
        named = {k: v for k, v in vars(terms).items() if k != "unit"}
        throws(
            db,
            "22023",
            "SELECT * FROM lending.preview_payment_schedule("
            + ", ".join(f"p_{name} => %s" for name in named)
            + ")",
            list(named.values()),
        )
        return
    rows = terms.preview(db)
    assert [row.instalment_no for row in rows] == list(range(1, terms.instalments + 1))
    assert sum(row.principal for row in rows) == terms.principal
    assert rows[-1].balance == 0
    before = [terms.principal, *[row.balance for row in rows]]
    for owed, row in zip(before, rows, strict=False):
        assert row.balance == owed - row.principal
        assert row.amount == row.principal + row.interest
        assert min(row.principal, row.interest, row.amount, row.balance) >= 0
        assert all(-v.as_tuple().exponent == terms.scale for v in row[3:])  # type: ignore[union-attr, operator]
    assert all(Fraction(row.amount) % terms.unit == 0 for row in rows[:-1])
    due = [terms.disbursed_on, *[row.due_date for row in rows]]
    assert due == sorted(set(due))
    assert all(row.principal == 0 for row in rows[: terms.grace_principal])
    assert all(row.interest == 0 for row in rows[: terms.grace_interest])
    assert all(row.interest == 0 for row in rows[: terms.interest_free])
    got = [(r.due_date, r.days, *map(Fraction, (r.principal, r.interest, r.balance))) for r in rows]
    assert got == expected
    event(f"{terms.method}, {terms.interest_calculation}")


@MANY
@given(terms=all_terms())
def test_grace_on_interest_moves_interest_and_loses_none(
    db: psycopg.Connection, terms: Terms
) -> None:
    if terms.round_to is not None:
        return
    with_grace = terms.preview(db)
    named = {k: v for k, v in vars(terms).items() if k != "unit"}
    without = preview(db, **{**named, "grace_interest": 0})
    assert [row.principal for row in with_grace] == [row.principal for row in without]
    after = terms.grace_interest
    assert with_grace[after].interest == sum(row.interest for row in without[: after + 1])
    assert with_grace[after + 1 :] == without[after + 1 :]


@MANY
@given(terms=all_terms())
def test_equal_instalments_are_equal_but_for_the_last(db: psycopg.Connection, terms: Terms) -> None:
    named = {k: v for k, v in vars(terms).items() if k != "unit"}
    rows = preview(
        db,
        **{
            **named,
            "method": "declining_equal_instalments",
            "principal": terms.principal + terms.instalments,
            "grace_interest": 0,
            "round_to": None,
        },
    )
    paid = [row for row in rows[:-1] if row.principal > 0 and row.balance > 0]
    assert len({row.amount for row in paid}) <= 1
