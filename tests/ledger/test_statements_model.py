"""Every statement against a model in memory; Hypothesis prints what makes a difference."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books, open_books
from tests.ledger.kinds import enter
from tests.ledger.statement_model import (
    ACTIVITIES,
    TYPES,
    YEAR_END,
    Model,
    check_balance_sheet,
    check_cash_flow,
    check_income,
    check_ledger,
    check_trial_balance,
)

amounts = st.integers(1, 10**7).map(lambda n: Decimal(n) / 10000)
days = st.dates(datetime.date(2026, 1, 1), YEAR_END)
bounds = st.one_of(
    st.none(), days, st.sampled_from([YEAR_END, datetime.date(2026, 12, 30), datetime.date.max])
)


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, datetime.date, str, str, list[tuple[str, Decimal]]]:
    """A balanced entry of two to five lines, of any kind, now and then a draft."""
    some = draw(
        st.lists(st.tuples(st.sampled_from([*TYPES]), amounts), min_size=1, max_size=4),
    )
    signed = [(account, amount * draw(st.sampled_from([1, -1]))) for account, amount in some]
    rest = -sum((amount for _, amount in signed), Decimal(0))
    signed.append((draw(st.sampled_from([*TYPES])), rest or Decimal(1)))
    if not rest:
        signed.append((draw(st.sampled_from([*TYPES])), Decimal(-1)))
    kind = draw(st.sampled_from(["regular"] * 6 + ["adjusting", "closing"]))
    return (
        draw(st.sampled_from(["MAIN", "SIDE"])),
        draw(days) if kind == "regular" else YEAR_END,
        kind,
        draw(st.sampled_from(["POSTED", "POSTED", "POSTED", "DRAFT"])),
        signed,
    )


@pytest.fixture
def chart(db: psycopg.Connection) -> Books:
    """Books with two more accounts and the activities."""
    books = open_books(db, "Modelled")
    db.execute("SELECT ledger.create_account('1500', 'Machines', 'ASSET')")
    db.execute("SELECT ledger.create_account('5200', 'Loss on machines', 'EXPENSE')")
    for account, activity in ACTIVITIES.items():
        db.execute("SELECT ledger.set_cash_flow_activity(%s, %s)", [account, activity])
    return books


@settings(
    max_examples=20,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    wanted=st.lists(entries(), max_size=10),
    spans=st.lists(
        st.tuples(st.sampled_from(["MAIN", None]), bounds, bounds, st.sampled_from([*TYPES])),
        min_size=1,
        max_size=4,
    ),
    page=st.integers(1, 4),
)
def test_every_statement_is_the_models(
    db: psycopg.Connection, chart: Books, wanted: list[Any], spans: list[Any], page: int
) -> None:
    model = Model()
    with db.transaction(force_rollback=True):
        for business, day, kind, status, lines in wanted:
            entry_id = enter(db, chart, business, day, kind, status, lines)
            if status == "POSTED":
                model.entries.append((business, day, kind, entry_id, lines))
        for whose, a, b, account in spans:
            if a and b and a > b:
                a, b = b, a
            if a == datetime.date.max:
                a = None
            check_trial_balance(db, model, whose, a, b)
            check_income(db, model, whose, a, b)
            check_balance_sheet(db, model, whose, b)
            check_cash_flow(db, model, whose, a, b)
            check_ledger(db, model, whose, a, b, account, page)
