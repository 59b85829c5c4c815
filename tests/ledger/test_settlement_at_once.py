"""One item is never settled twice, however many try at once and in whatever order."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, balance, offenders, open_books, settle
from tests.ledger.foreign import MATCH, item, match, open_foreign_accounts, open_of, pair
from tests.pgtap import value


@contextlib.contextmanager
def two_sessions(url: str) -> Iterator[list[psycopg.Connection]]:
    """Committed books, and two transactions on them that have their snapshots."""
    with connect(url) as observer, connect(url) as one, connect(url) as other:
        books = open_books(observer)
        open_foreign_accounts(observer)
        for session in (one, other):
            session.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        yield [observer, one, other]
        assert offenders(observer) == {}


def begin(isolation: str, *sessions: psycopg.Connection) -> None:
    for session in sessions:
        session.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        value(session, "SELECT count(*) FROM ledger.matches")


ISOLATION = pytest.mark.parametrize(
    "isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
)


@ISOLATION
def test_two_payments_cannot_settle_the_same_part_of_an_invoice(clone: str, isolation: str) -> None:
    with two_sessions(clone) as (observer, one, other):
        invoice = item(observer, "100", rate="1.1")
        first, second = item(observer, "-60", rate="1"), item(observer, "-60", rate="1")
        begin(isolation, one, other)
        match(one, invoice, first)
        matching = Background(other, lambda: match(other, invoice, second, "60"))
        assert matching.waits(observer)
        one.execute("COMMIT")
        assert matching.result() == ("ZL054" if isolation == "READ COMMITTED" else "40001")
        other.execute("ROLLBACK")
        assert open_of(observer, invoice) == ("40.0000", "44.0000")


def test_two_that_match_the_oldest_at_once_match_each_item_once(clone: str) -> None:
    with two_sessions(clone) as (observer, one, other):
        items = [item(observer, amount, rate="1") for amount in ("60", "50", "-30", "-40")]
        oldest = "SELECT count(*) FROM ledger.match_oldest('MAIN', '1200', 'ACME')"
        begin("READ COMMITTED", one, other)
        assert value(one, oldest) == 3
        got: list[Any] = []
        second = Background(other, lambda: got.append(value(other, oldest)))
        assert second.waits(observer)
        one.execute("COMMIT")
        assert second.result() is None
        other.execute("COMMIT")
        assert got == [0]
        assert [open_of(observer, one) for one in items] == [
            None,
            ("40.0000", "40.0000"),
            None,
            None,
        ]


def test_crosswise_matches_wait_for_each_other_instead_of_locking_up(clone: str) -> None:
    with two_sessions(clone) as (observer, one, other):
        debits = [item(observer, "100", rate="1") for _ in range(2)]
        credit = item(observer, "-100", rate="1")
        more = item(observer, "-100", rate="1")
        begin("READ COMMITTED", one, other)
        match(one, debits[1], credit, "10")
        second = Background(other, lambda: match(other, debits[1], more, "10"))
        assert second.waits(observer)
        match(one, debits[0], credit, "10")
        one.execute("COMMIT")
        assert second.result() is None
        other.execute("COMMIT")


@ISOLATION
@pytest.mark.parametrize("counterparty", ["ACME", None])
@pytest.mark.parametrize("first", ["match", "reverse"])
def test_an_entry_is_not_matched_and_reversed_at_once(
    clone: str, first: str, counterparty: str | None, isolation: str
) -> None:
    with two_sessions(clone) as (observer, one, other):
        invoice = item(observer, "100", rate="1", counterparty=counterparty)
        payment = item(observer, "-60", rate="2", counterparty=counterparty)
        calls = {
            "match": (MATCH, pair(invoice, payment)),
            "reverse": ("SELECT ledger.reverse_journal_entry(%s, 'x')", [invoice.entry_id]),
        }
        begin(isolation, one, other)
        value(one, *calls.pop(first))
        ((call, params),) = calls.values()
        second = Background(other, lambda: value(other, call, params))
        assert second.waits(observer)
        one.execute("COMMIT")
        late = "ZL053" if first == "reverse" else "ZL055"
        assert second.result() == (late if isolation == "READ COMMITTED" else "40001")
        other.execute("ROLLBACK")
        assert value(observer, "SELECT count(*) FROM ledger.matches") == 1


@pytest.fixture
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables in EUR."""
    open_foreign_accounts(db)


PARTS = st.lists(st.integers(1, 5000), min_size=1, max_size=6)
RATES = st.integers(5_000, 400_000).map(lambda n: Decimal(n) / 10_000)


@given(data=st.data(), debits=PARTS, rates=st.lists(RATES, min_size=12, max_size=12))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_whatever_parts_and_order_both_currencies_reach_zero(
    db: psycopg.Connection,
    foreign: None,
    data: st.DataObject,
    debits: list[int],
    rates: list[Decimal],
) -> None:
    """Invoices and payments of one sum in EUR cents, at any rates, matched and undone at will."""
    with db.transaction(force_rollback=True):
        cuts = data.draw(st.sets(st.integers(1, sum(debits)), max_size=5)) | {0, sum(debits)}
        ends = sorted(cuts)
        credits = [b - a for a, b in itertools.pairwise(ends)]
        left = {}
        for sign, parts in (("", debits), ("-", credits)):
            for n, cents in enumerate(parts):
                rate = str(rates[n if sign else -n - 1])
                one = item(db, f"{sign}{Decimal(cents) / 100:.2f}", rate=rate)
                left[one] = cents if not sign else -cents
        matches: dict[Any, tuple[Any, Any, int]] = {}
        while any(left.values()):
            if matches and data.draw(st.integers(0, 5)) == 0:
                undone = data.draw(st.sampled_from(sorted(matches)))
                debit, credit, cents = matches.pop(undone)
                value(db, "SELECT ledger.unmatch(%s, 'again')", [undone])
                left[debit] += cents
                left[credit] -= cents
                continue
            debit = data.draw(st.sampled_from([i for i, cents in left.items() if cents > 0]))
            credit = data.draw(st.sampled_from([i for i, cents in left.items() if cents < 0]))
            most = min(left[debit], -left[credit])
            cents = data.draw(st.integers(1, most)) if data.draw(st.booleans()) else most
            one = match(db, debit, credit, str(Decimal(cents) / 100))
            matches[one] = (debit, credit, cents)
            left[debit] -= cents
            left[credit] += cents
        assert [open_of(db, one) for one in left] == [None] * len(left)
        held = """SELECT sum(l.amount), sum(l.currency_amount) FROM ledger.journal_lines AS l
            INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
            WHERE a.code = '1200' AND l.tenant_id = identity.current_tenant()"""
        assert db.execute(held).fetchone() == (0, 0)
        assert Decimal(balance(db, "1200")) == 0
        settle(db)


def test_the_cents_of_a_tiny_item_go_with_its_parts_one_by_one(
    db: psycopg.Connection, foreign: None
) -> None:
    one = item(db, "10", rate="0.002", currency="JPY")
    left = []
    for _ in range(9):
        match(db, one, item(db, "-1", rate="0.01", currency="JPY"))
        left.append((open_of(db, one) or ("", ""))[1])
    assert left == ["0.0200"] * 2 + ["0.0100"] * 5 + ["0.0000"] * 2
    match(db, one, item(db, "-1", rate="0.01", currency="JPY"))
    assert open_of(db, one) is None
    settle(db)
