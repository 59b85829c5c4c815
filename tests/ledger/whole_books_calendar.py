"""Random requests that open and close periods and years, in the database and in the model."""

from __future__ import annotations

import datetime
from typing import Any

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.ledger.test_business_days import attempt
from tests.ledger.whole_books import Model
from tests.ledger.whole_books_entries import FUNCTIONAL, STATES, YEARS, Entry
from tests.ledger.whole_books_wishes import businesses, numbers, years


class CalendarRules(RuleBasedStateMachine):
    """What every request needs, and the requests that concern periods and years."""

    db: psycopg.Connection
    model: Model

    def ask(self, query: str, params: list[Any], problems: set[str]) -> Any:
        """Carry out a request; the row, or None when it was refused for a reason expected."""
        row = None
        with attempt(self.db) as refused:
            row = self.db.execute(query, params).fetchone()  # type: ignore[arg-type]
        assert set(refused) <= problems and bool(refused) == bool(problems), (refused, problems)
        return None if refused else row

    def chosen(self, number: int, *statuses: str) -> Entry | None:
        """An entry other than those that close years."""
        some = [e for e in self.model.entries if e.status in statuses and e.kind != "closing"]
        return some[number % len(some)] if some else None

    @rule(
        business=businesses,
        year=years,
        month=st.integers(1, 13),
        wanted=st.sampled_from(["open", "open", "soft_closed", "closed"]),
        reopen=st.booleans(),
    )
    def period(self, business: str, year: int, month: int, wanted: str, reopen: bool) -> None:
        code = f"{year}-{month:02}"
        now = self.model.states[business, code]
        if reopen or wanted == "open":
            wanted = "open" if wanted == "closed" else wanted
            problems = {"ZL041"} if STATES.index(now) <= STATES.index(wanted) else set()
            if now == "closed" and self.model.states[business, f"{year}-CL"] == "closed":
                problems = {"ZL042"}
            query = "SELECT ledger.reopen_period(%s, %s, 'x', %s)"
            row = self.ask(query, [business, code, wanted], problems)
        else:
            word = "close" if wanted == "closed" else "soft_close"
            problems = {"ZL004"} if STATES.index(now) >= STATES.index(wanted) else set()
            query = f"SELECT ledger.{word}_period(%s, %s)"
            row = self.ask(query, [business, code], problems)
        if row:
            self.model.states[business, code] = wanted

    @rule(business=businesses, year=years)
    def close_year(self, business: str, year: int) -> None:
        closed = self.model.states[business, f"{year}-CL"] == "closed"
        problems = {"ZL004"} if closed else set()
        query = "SELECT ledger.close_fiscal_year(%s, %s)"
        if row := self.ask(query, [business, str(year)], problems):
            for code in [f"{year}-{n:02}" for n in range(1, 14)] + [f"{year}-CL"]:
                self.model.states[business, code] = "closed"
            lines = self.model.closing(business, year)
            assert bool(lines) == (row[0] is not None), (lines, row)
            if lines:
                day = datetime.date(year, 12, 31)
                closing = Entry(business, day, "closing", lines, "POSTED", True, id=row[0])
                self.model.entries.append(closing)

    @rule(number=numbers, months=st.none() | st.sets(st.integers(1, 13)))
    def reopen_year(self, number: int, months: set[int] | None) -> None:
        every = [(business, year) for business in sorted(FUNCTIONAL) for year in YEARS]
        done = [one for one in every if self.model.states[one[0], f"{one[1]}-CL"] == "closed"]
        some = done if done and number % 8 else every
        business, year = some[number % len(some)]
        closed = self.model.states[business, f"{year}-CL"] == "closed"
        codes = None if months is None else [f"{year}-{month:02}" for month in months]
        query = "SELECT ledger.reopen_fiscal_year(%s, %s, 'x', %s)"
        if self.ask(query, [business, str(year), codes], set() if closed else {"ZL041"}):
            for code in [f"{year}-CL", *([f"{year}-13"] if codes is None else codes)]:
                self.model.states[business, code] = "open"
            for entry in list(self.model.entries):
                is_its = entry.business == business and entry.date.year == year
                if is_its and entry.kind == "closing" and entry.status == "POSTED":
                    self.model.reverse(entry, entry.date).status = "REVERSAL"
