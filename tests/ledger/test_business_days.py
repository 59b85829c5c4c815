"""Random business days against a model in memory that knows nothing of the database.

Each step is a good or bad request; after each, all checks hold, and at the end every balance on
every date is the model's. Hypothesis prints what reproduces a failure.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books, offenders, open_books
from tests.pgtap import value

ACCOUNTS = ["1110", "1120", "2110", "3100", "4100", "5100"]
TYPES = dict(
    zip(ACCOUNTS, ("ASSET", "ASSET", "LIABILITY", "EQUITY", "REVENUE", "EXPENSE"), strict=True)
)

amounts = st.integers(1, 10**9).map(lambda n: Decimal(n) / 10000)
dates = st.dates(datetime.date(2025, 12, 30), datetime.date(2026, 12, 31))
businesses = st.sampled_from(["MAIN", "SIDE"])


@st.composite
def lines(draw: st.DrawFn) -> list[tuple[str, Decimal]]:
    """Two to five lines; one time in five they do not sum to zero, or there is only one."""
    some = draw(st.lists(st.tuples(st.sampled_from(ACCOUNTS), amounts), min_size=1, max_size=4))
    signed = [(account, amount * draw(st.sampled_from([1, -1]))) for account, amount in some]
    rest = -sum((amount for _, amount in signed), Decimal(0))
    if draw(st.integers(0, 4)) and rest:
        signed.append((draw(st.sampled_from(ACCOUNTS)), rest))
    return signed


entries = st.tuples(businesses, dates, lines(), st.sampled_from(["POSTED", "POSTED", "DRAFT"]))
steps = st.one_of(
    st.tuples(st.just("post"), entries),
    st.tuples(st.just("batch"), st.lists(entries, min_size=1, max_size=5)),
    st.tuples(st.just("post_draft"), st.integers(0, 9)),
    st.tuples(
        st.just("period"),
        st.tuples(businesses, st.integers(1, 12), st.sampled_from(["open", "closed"])),
    ),
)


@dataclass
class Model:
    """The books as a list of posted lines and a set of closed months."""

    posted: list[tuple[str, datetime.date, str, Decimal]] = field(default_factory=list)
    closed: set[tuple[str, int]] = field(default_factory=set)
    drafts: list[tuple[Any, Any]] = field(default_factory=list)

    def takes(self, entry: Any) -> bool:
        """Whether the rules allow the entry."""
        business, date, signed, status = entry
        if date.year != 2026:
            return False
        if status == "DRAFT":
            return True
        total = sum(amount for _, amount in signed)
        return len(signed) >= 2 and total == 0 and (business, date.month) not in self.closed

    def keep(self, entry: Any, entry_id: Any) -> None:
        """Take note of an entry that was accepted."""
        business, date, signed, status = entry
        if status == "DRAFT":
            self.drafts.append((entry, entry_id))
        else:
            self.posted += [(business, date, account, amount) for account, amount in signed]

    def balances(self, business: str | None, until: datetime.date) -> dict[str, Decimal]:
        """The balance of each account that was posted to."""
        found: dict[str, Decimal] = {}
        for whose, date, account, amount in self.posted:
            if business in (None, whose) and date <= until:
                found[account] = found.get(account, Decimal(0)) + amount
        return found


def request(entry: Any) -> dict[str, Any]:
    business, date, signed, status = entry
    return {
        "business": business,
        "date": date.isoformat(),
        "description": "day",
        "status": status,
        "lines": [
            {"account": account, "debit" if amount > 0 else "credit": str(abs(amount))}
            for account, amount in signed
        ],
    }


@contextmanager
def attempt(db: psycopg.Connection) -> Iterator[list[str]]:
    """A savepoint that settles deferred checks; holds the SQLSTATE when the step was refused."""
    refused: list[str] = []
    try:
        with db.transaction():
            yield refused
            db.execute("SET CONSTRAINTS ALL IMMEDIATE")
            db.execute("SET CONSTRAINTS ALL DEFERRED")
    except psycopg.Error as error:
        refused.append(error.sqlstate or "")


def run(db: psycopg.Connection, model: Model, kind: str, what: Any) -> None:
    if kind == "post":
        asked = request(what)
        with attempt(db) as refused:
            entry_id = value(
                db,
                "SELECT ledger.create_journal_entry(%s, %s, 'day', %s, %s)",
                [asked["business"], asked["date"], json.dumps(asked["lines"]), asked["status"]],
            )
        assert (refused == []) == model.takes(what), (refused, what)
        if not refused:
            model.keep(what, entry_id)
    elif kind == "batch":
        with attempt(db) as refused:
            results = db.execute(
                "SELECT entry_id FROM ledger.create_journal_entries(%s, 'skip_bad')",
                [json.dumps([request(entry) for entry in what])],
            ).fetchall()
        assert refused == []
        for entry, (entry_id,) in zip(what, results, strict=True):
            assert (entry_id is not None) == model.takes(entry), entry
            if entry_id is not None:
                model.keep(entry, entry_id)
    elif kind == "post_draft" and model.drafts:
        entry, entry_id = model.drafts[what % len(model.drafts)]
        as_posted = (*entry[:3], "POSTED")
        with attempt(db) as refused:
            db.execute(
                "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s", [entry_id]
            )
        assert (refused == []) == model.takes(as_posted), (refused, entry)
        if not refused:
            model.drafts.remove((entry, entry_id))
            model.keep(as_posted, entry_id)
    elif kind == "period":
        business, month, status = what
        closing = status == "closed"
        with attempt(db) as refused:
            db.execute(
                "SELECT ledger.close_period(%s, %s)"
                if closing
                else "SELECT ledger.reopen_period(%s, %s, 'Again')",
                [business, f"2026-{month:02}"],
            )
        in_vain = ((business, month) in model.closed) == closing
        assert refused == ([] if not in_vain else ["ZL004" if closing else "ZL041"])
        (model.closed.add if closing else model.closed.discard)((business, month))


def compare(db: psycopg.Connection, model: Model, until: datetime.date) -> None:
    for business in ("MAIN", "SIDE", None):
        expected = model.balances(business, until)
        rows = db.execute(
            "SELECT account_code, balance FROM ledger.trial_balance(%s, %s)", [business, until]
        ).fetchall()
        assert dict(rows) == expected
        earned = -sum(
            (a for c, a in expected.items() if TYPES[c] in ("REVENUE", "EXPENSE")), Decimal(0)
        )
        income = "SELECT coalesce(-sum(balance), 0) FROM ledger.income_statement(%s, NULL, %s)"
        assert value(db, income, [business, until]) == earned
        sheet = "SELECT sum(balance) FROM ledger.balance_sheet(%s, %s)"
        assert value(db, sheet, [business, until]) == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(steps, max_size=12), until=dates)
def test_the_books_equal_the_model_after_any_days(
    db: psycopg.Connection, days: list[tuple[str, Any]], until: datetime.date
) -> None:
    with db.transaction(force_rollback=True):
        opened: Books = open_books(db)
        assert opened.business_id == 1
        model = Model()
        for kind, what in days:
            run(db, model, kind, what)
            assert offenders(db) == {}
        compare(db, model, until)
        compare(db, model, datetime.date(2026, 12, 31))
