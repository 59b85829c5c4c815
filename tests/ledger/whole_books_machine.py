"""Random requests, each carried out in the database and in the model; see `test_whole_books.py`."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.ledger.books import offenders
from tests.ledger.foreign import set_rate
from tests.ledger.test_business_days import attempt
from tests.ledger.whole_books import Model
from tests.ledger.whole_books_calendar import CalendarRules
from tests.ledger.whole_books_compare import (
    compare_account,
    compare_balances,
    compare_periods,
    compare_statements,
)
from tests.ledger.whole_books_entries import (
    DECIMALS,
    FUNCTIONAL,
    YEARS,
    Account,
    Entry,
    rounded,
)
from tests.ledger.whole_books_start import usual, usual_entries, usual_rates
from tests.ledger.whole_books_wishes import (
    FIXED,
    businesses,
    days,
    ends,
    numbers,
    request,
    wish,
    wishes,
)
from tests.pgtap import value

CHART = {
    "1110": "ASSET", "1120": "ASSET", "1150": "ASSET", "1200": "ASSET", "2110": "LIABILITY",
    "2200": "LIABILITY", "3100": "EQUITY", "3200": "EQUITY", "4100": "REVENUE", "4910": "REVENUE",
    "4920": "REVENUE", "5100": "EXPENSE", "5910": "EXPENSE", "5920": "EXPENSE", "5930": "EXPENSE",
}  # fmt: skip
FIRST = datetime.date(2025, 1, 1)


class WholeBooks(CalendarRules):
    """Requests, each carried out twice."""

    def __init__(self) -> None:
        super().__init__()
        self.db.execute("SAVEPOINT example")
        self.model = Model()
        for code, account_type in CHART.items():
            self.model.accounts[code] = Account(code, account_type)
        self.model.accounts["1000"] = Account("1000", "ASSET", header=True)
        self.model.accounts["1150"].currency = "EUR"
        codes = [f"{year}-{n:02}" for year in YEARS for n in range(1, 14)]
        for business in FUNCTIONAL:
            for code in [*codes, *(f"{year}-CL" for year in YEARS)]:
                self.model.states[business, code] = "open"
            self.note_rate("EUR", business, FIRST, Decimal("1.1"))

    def teardown(self) -> None:
        self.db.execute("ROLLBACK TO SAVEPOINT example")
        self.db.execute("RELEASE SAVEPOINT example")

    @rule(
        account_type=st.sampled_from(sorted(set(CHART.values()))),
        business=st.none() | businesses,
        currency=st.none() | st.sampled_from(["EUR", "KWD", "USD"]),
        header=st.booleans(),
    )
    def add_account(
        self, account_type: str, business: str | None, currency: str | None, header: bool
    ) -> None:
        code = f"9{len(self.model.accounts):03}"
        parents = [
            one.code
            for one in self.model.accounts.values()
            if one.header and not one.business and one.type == account_type
        ]
        self.db.execute(
            "SELECT ledger.create_account(%s, 'Added', %s, %s, %s, %s, %s)",
            [code, account_type, parents[-1] if parents else None, business, not header, currency],
        )
        added = Account(code, account_type, business, currency, header=header)
        self.model.accounts[code] = added

    @rule(number=numbers)
    def retire_or_revive(self, number: int) -> None:
        codes = sorted(set(self.model.accounts) - FIXED)
        account = self.model.accounts[codes[number % len(codes)]]
        word = "deactivate" if account.active else "activate"
        self.db.execute(f"SELECT ledger.{word}_account(%s)", [account.code])  # type: ignore[arg-type]
        account.active = not account.active

    @initialize(drawn=usual, at_once=st.booleans())
    def begin(self, drawn: Any, at_once: bool) -> None:
        for noted in usual_rates(drawn):
            self.note_rate(*noted)
        if at_once:
            self.make_many(list(usual_entries(drawn)))
        else:
            for entry in usual_entries(drawn):
                self.make(entry)

    @rule(wanted=wishes)
    def create(self, wanted: Any) -> None:
        self.make(wish(self.model, wanted))

    def make(self, entry: Entry) -> None:
        asked = request(entry)
        row = self.ask(
            "SELECT ledger.create_journal_entry(%s, %s, 'x', %s, %s, p_period_kind => %s)",
            [entry.business, entry.date, json.dumps(asked["lines"]), entry.status, entry.kind],
            self.model.creation_problems(entry),
        )
        if row:
            entry.id = row[0]
            self.model.entries.append(entry)

    @rule(wanted=st.lists(wishes, min_size=1, max_size=4))
    def create_many(self, wanted: Any) -> None:
        self.make_many([wish(self.model, one) for one in wanted])

    def make_many(self, entries: list[Entry]) -> None:
        asked = json.dumps([request(entry) for entry in entries])
        with attempt(self.db) as refused:
            query = "SELECT entry_id, sqlstate FROM ledger.create_journal_entries(%s, 'skip_bad')"
            rows = self.db.execute(query, [asked]).fetchall()
        assert refused == []
        for entry, (entry_id, sqlstate) in zip(entries, rows, strict=True):
            problems = self.model.creation_problems(entry)
            assert sqlstate in (problems or {None}), (sqlstate, problems)
            if sqlstate is None:
                entry.id = entry_id
                self.model.entries.append(entry)

    @rule(number=numbers)
    def post_draft(self, number: int) -> None:
        entry = self.chosen(number, "DRAFT") or self.chosen(number, "POSTED")
        if entry is not None:
            problems = self.model.posting_problems(entry)
            if self.ask("SELECT ledger.post_journal_entry(%s)", [entry.id], problems):
                entry.status, entry.counts = "POSTED", True

    @rule(number=numbers)
    def void(self, number: int) -> None:
        entry = self.chosen(number, "DRAFT", "POSTED", "VOIDED")
        if entry is None:
            return
        problems = set()
        if entry.status != "DRAFT":
            problems = self.model.reversal_problems(entry, entry.date)
        if self.ask("SELECT ledger.void_journal_entry(%s, 'x')", [entry.id], problems):
            if entry.status == "DRAFT":
                entry.status = "VOIDED"
            else:
                self.reversed(entry, entry.date)

    @rule(number=numbers, date=st.none() | days)
    def reverse(self, number: int, date: datetime.date | None) -> None:
        entry = self.chosen(number, "POSTED") or self.chosen(number, "DRAFT", "VOIDED")
        if entry is None:
            return
        on = date or self.model.reversal_date(entry)
        problems = self.model.reversal_problems(entry, on)
        query = "SELECT ledger.reverse_journal_entry(%s, 'x', %s)"
        if self.ask(query, [entry.id, date], problems):
            assert on is not None
            self.reversed(entry, on)

    def reversed(self, entry: Entry, date: datetime.date) -> None:
        query = "SELECT reversal_id FROM ledger.reversals WHERE entry_id = %s"
        self.model.reverse(entry, date).id = value(self.db, query, [entry.id])

    @rule(
        currency=st.sampled_from(sorted(DECIMALS)),
        business=businesses,
        date=days,
        rate=st.decimals("0.01", 200, places=4),
    )
    def note_rate(self, currency: str, business: str, date: datetime.date, rate: Decimal) -> None:
        to = FUNCTIONAL[business][0]
        set_rate(self.db, date.isoformat(), f"{rate:f}", f"{currency}/{to}")
        self.model.rates.setdefault((currency, to), {})[date] = rate

    @rule(business=businesses, date=ends)
    def revalue(self, business: str, date: datetime.date) -> None:
        model, after = self.model, date + datetime.timedelta(days=1)
        lines, problems = model.revaluation(business, date)
        entry = Entry(business, date, "regular", lines, "POSTED", True)
        if lines and not problems:
            problems = model.date_problems(business, date, "regular", True)
            problems |= model.date_problems(business, after, "regular", True)
            problems |= model.chart_problems(entry) - {"ZL014"}
        if row := self.ask("SELECT ledger.revalue(%s, %s)", [business, date], problems):
            assert bool(lines) == (row[0] is not None), (lines, row)
            if lines:
                entry.id = row[0]
                model.entries.append(entry)
                self.reversed(entry, after)

    @rule(number=numbers, eighths=st.integers(1, 8))
    def match(self, number: int, eighths: int) -> None:
        pairs = self.model.open_pairs()
        if not pairs:
            return
        pair = pairs[number % len(pairs)]
        debit, d, credit, c = pair
        line, other = debit.lines[d], credit.lines[c]
        most = min(line.open, other.open)
        digits = 4 if line.currency is None else DECIMALS.get(line.currency, 2)
        amount = rounded(most * eighths / 8, digits)
        amount = amount if 0 < amount <= most else most
        problems: set[str] = set()
        if gain := self.model.gain(pair, amount):
            problems = self.model.chart_problems(gain) - {"ZL014"}
            problems |= self.model.date_problems(gain.business, gain.date, "regular", True)
        query = "SELECT ledger.match_lines(%s, %s, %s, %s, %s)"
        if row := self.ask(query, [debit.id, d + 1, credit.id, c + 1, amount], problems):
            self.model.match(pair, amount)
            if gain:
                query = "SELECT gain_entry_id FROM ledger.matches WHERE id = %s"
                gain.id = value(self.db, query, [row[0]])
                self.model.entries.append(gain)

    @invariant()
    def the_books_are_the_models(self) -> None:
        assert offenders(self.db) == {}
        compare_periods(self.db, self.model)
        for business in FUNCTIONAL:
            compare_balances(self.db, self.model, business)
            for year in YEARS:
                compare_statements(self.db, self.model, business, year)
        if self.model.entries:
            compare_account(self.db, self.model, self.model.entries[-1])
