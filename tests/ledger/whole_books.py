"""The books in memory: what the ledger should hold, written from its guides and not from its code.

A request is asked for its `problems`, the SQLSTATEs with which it may be refused (none: it must be
taken); one that was taken is then told to the model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.ledger.whole_books_entries import (
    BALANCE,
    FUNCTIONAL,
    RESULT,
    YEARS,
    ZERO,
    Account,
    Day,
    Entry,
    Line,
    Pair,
    rounded,
)


@dataclass
class Model:
    """The whole books of one tenant."""

    accounts: dict[str, Account] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    states: dict[tuple[str, str], str] = field(default_factory=dict)
    rates: dict[tuple[str, str], dict[Day, Decimal]] = field(default_factory=dict)

    def period(self, business: str, date: Day, kind: str) -> str | None:
        """The code of the period that has the date, if there is one."""
        if date.year not in YEARS:
            return None
        if kind == "regular":
            return f"{date.year}-{date.month:02}"
        suffix = "13" if kind == "adjusting" else "CL"
        return f"{date.year}-{suffix}" if (date.month, date.day) == (12, 31) else None

    def state(self, business: str, date: Day, kind: str = "regular") -> str | None:
        code = self.period(business, date, kind)
        return None if code is None else self.states[business, code]

    def rate(self, currency: str, business: str, date: Day) -> Decimal | None:
        """The newest rate on record on or before a day."""
        known = self.rates.get((currency, FUNCTIONAL[business][0]), {})
        days = [day for day in known if day <= date]
        return known[max(days)] if days else None

    def convert(self, entry: Entry) -> set[str]:
        """Fill in rates and functional amounts of a request; say what is wrong with its lines."""
        wrong = set()
        for line in entry.lines:
            if line.worth is not None:
                rate = line.rate or self.rate(line.currency or "", entry.business, entry.date)
                if rate is None:
                    wrong.add("ZL014")
                    continue
                line.rate = rate
                line.amount = rounded(Fraction(line.worth) * Fraction(rate), self.digits(entry))
            if line.amount == 0:
                wrong.add("ZL011")
        return wrong

    def digits(self, entry: Entry) -> int:
        return FUNCTIONAL[entry.business][1]

    def chart_problems(self, entry: Entry) -> set[str]:
        """Why accounts do not take their lines."""
        wrong = set()
        for line in entry.lines:
            account = self.accounts[line.account]
            currency = line.currency or FUNCTIONAL[entry.business][0]
            if account.header:
                wrong.add("ZL009")
            if not account.active:
                wrong.add("ZL010")
            if account.business not in (None, entry.business):
                wrong.add("ZL012")
            if account.currency not in (None, currency):
                wrong.add("ZL014")
        return wrong

    def date_problems(self, business: str, date: Day, kind: str, posted: bool) -> set[str]:
        state = self.state(business, date, kind)
        if state is None:
            return {"ZL003"}
        return {"ZL002"} if posted and state != "open" else set()

    def balance_problems(self, entry: Entry) -> set[str]:
        wrong = {"ZL005"} if len(entry.lines) < 2 else set()
        return wrong | ({"ZL001"} if sum((x.amount for x in entry.lines), ZERO) else set())

    def creation_problems(self, entry: Entry) -> set[str]:
        """For a new entry; gives one that is off by its conversion alone its further line."""
        wrong = self.convert(entry) | self.chart_problems(entry)
        posted = entry.status == "POSTED"
        wrong |= self.date_problems(entry.business, entry.date, entry.kind, posted)
        if posted and not wrong:
            self.round_off(entry)
        return wrong | (self.balance_problems(entry) if posted else set())

    def round_off(self, entry: Entry) -> None:
        """Give an entry that is off by its conversion alone, and is to be posted, one more line."""
        currencies = {line.currency for line in entry.lines}
        total = sum((line.amount for line in entry.lines), ZERO)
        worth = sum((line.worth or ZERO for line in entry.lines), ZERO)
        limit = len(entry.lines) * Decimal(1).scaleb(-self.digits(entry))
        alone = len(currencies) == 1 and None not in currencies and worth == 0
        if alone and 0 < abs(total) <= limit:
            entry.lines.append(Line("5910", -total))

    def posting_problems(self, entry: Entry) -> set[str]:
        """For a draft that is to be posted; gives it its further line as a new entry gets it."""
        if entry.status != "DRAFT":
            return {"ZL022"}
        wrong = self.date_problems(entry.business, entry.date, entry.kind, True)
        wrong |= self.chart_problems(entry)
        if not wrong:
            self.round_off(entry)
        return wrong | self.balance_problems(entry)

    def reversal_date(self, entry: Entry) -> Day | None:
        """The day of a reversal for which none is given."""
        if self.state(entry.business, entry.date, entry.kind) == "open":
            return entry.date
        firsts = [Day(year, month, 1) for year in YEARS for month in range(1, 13)]
        later = [d for d in firsts if d > entry.date and self.state(entry.business, d) == "open"]
        return min(later, default=None)

    def reversal_problems(self, entry: Entry, date: Day | None) -> set[str]:
        if entry.status == "VOIDED":
            # The day is looked for first.
            return {"ZL023", "ZL002"} if date is None else {"ZL023", "ZL002", "ZL003"}
        if entry.status == "DRAFT":
            return {"ZL022", "ZL002", "ZL003"}
        if date is None:
            return {"ZL002"}
        kind = entry.kind if date == entry.date else "regular"
        wrong = self.date_problems(entry.business, date, kind, True)
        return wrong | self.chart_problems(entry) | ({"ZL055"} if entry.matched else set())

    def reverse(self, entry: Entry, date: Day) -> Entry:
        """The opposite entry; what both leave open on balance accounts settles itself."""
        lines = []
        for line in entry.lines:
            worth = None if line.worth is None else -line.worth
            there = Line(line.account, -line.amount, line.currency, worth, line.rate)
            there.counterparty = line.counterparty
            lines.append(there)
            is_open = line.total != 0 and line.settled == 0
            if self.accounts[line.account].type in BALANCE and is_open:
                for one in (line, there):
                    one.settled, one.settled_value = abs(one.total), abs(one.amount)
        kind = entry.kind if date == entry.date else "regular"
        entry.status = "VOIDED"
        reversal = Entry(entry.business, date, kind, lines, "POSTED", True)
        self.entries.append(reversal)
        return reversal

    def open_pairs(self) -> list[tuple[Entry, int, Entry, int]]:
        """Every debit with every credit that it can be matched with."""
        sides: dict[Any, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
        for entry in self.entries:
            for number, line in enumerate(entry.lines):
                is_open = entry.status == "POSTED" and line.open > 0
                if is_open and self.accounts[line.account].type in BALANCE:
                    key = (entry.business, line.account, line.currency, line.counterparty)
                    sides[key][line.total < 0].append((entry, number))
        return [(*d, *c) for debits, credits in sides.values() for d in debits for c in credits]

    def part(self, line: Line, amount: Decimal, decimals: int) -> Decimal:
        """What goes with a part of a line in the functional currency."""
        value = abs(line.amount)
        settled = line.settled + amount
        if settled == abs(line.total):
            return value - line.settled_value
        if line.worth is None:
            return amount
        upto = rounded(Fraction(value) * Fraction(settled) / Fraction(abs(line.total)), decimals)
        return max(ZERO, min(value - line.settled_value, upto - line.settled_value))

    def gain(self, pair: tuple[Entry, int, Entry, int], amount: Decimal) -> Entry | None:
        """The entry that a match posts, if it posts one."""
        debit_entry, d, credit_entry, c = pair
        debit, credit = debit_entry.lines[d], credit_entry.lines[c]
        digits = self.digits(debit_entry)
        gain = self.part(credit, amount, digits) - self.part(debit, amount, digits)
        if gain == 0:
            return None
        role = "4910" if gain > 0 else "5920"
        lines = [Line(debit.account, gain, debit.currency, ZERO), Line(role, -gain)]
        lines[0].counterparty = debit.counterparty
        date = max(debit_entry.date, credit_entry.date)
        return Entry(debit_entry.business, date, "regular", lines, "POSTED", True, matched=True)

    def match(self, pair: tuple[Entry, int, Entry, int], amount: Decimal) -> None:
        for entry, number in (pair[:2], pair[2:]):
            line = entry.lines[number]
            line.settled_value += self.part(line, amount, self.digits(entry))
            line.settled += amount
            entry.matched = True

    def counted(self, business: str, until: Day | None = None) -> Iterator[tuple[Entry, Line]]:
        """The lines that count, up to a day."""
        for entry in self.entries:
            if entry.counts and entry.business == business and entry.date <= (until or Day.max):
                for line in entry.lines:
                    yield entry, line

    def sums(self, business: str, until: Day | None = None) -> dict[tuple[str, str], Pair]:
        """Both amounts of each account and currency that has any."""
        found: dict[tuple[str, str], Pair] = defaultdict(lambda: (ZERO, ZERO))
        for _, line in self.counted(business, until):
            key = (line.account, line.currency or FUNCTIONAL[business][0])
            amount, worth = found[key]
            found[key] = (amount + line.amount, worth + line.total)
        return {key: pair for key, pair in found.items() if any(pair)}

    def balances(self, business: str, until: Day | None = None) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for (account, _), (amount, _) in self.sums(business, until).items():
            found[account] += amount
        return {account: amount for account, amount in found.items() if amount}

    def income(self, business: str, year: int) -> dict[str, Decimal]:
        """What each revenue and expense account earned or cost in a year, before its closing."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for entry, line in self.counted(business):
            account = self.accounts[line.account]
            if entry.date.year == year and entry.kind != "closing" and account.type in RESULT:
                found[account.code] += line.amount if account.type == "EXPENSE" else -line.amount
        return {account: amount for account, amount in found.items() if amount}

    def closing(self, business: str, year: int) -> list[Line]:
        """What closes a year, summed up: every result account to zero, the rest to 3200."""
        found: dict[tuple[str, str | None], Pair] = defaultdict(lambda: (ZERO, ZERO))
        for entry, line in self.counted(business):
            if entry.date.year == year and self.accounts[line.account].type in RESULT:
                amount, worth = found[line.account, line.currency]
                found[line.account, line.currency] = (amount + line.amount, worth + line.total)
        lines = [
            Line(account, -amount, currency, None if currency is None else -worth)
            for (account, currency), (amount, worth) in found.items()
            if amount or worth
        ]
        total = -sum((line.amount for line in lines), ZERO)
        return [*lines, Line("3200", total)] if total else lines

    def revaluation(self, business: str, date: Day) -> tuple[list[Line], set[str]]:
        """Its lines, and why it would be refused."""
        lines: list[Line] = []
        wrong: set[str] = set()
        found: dict[tuple[str, str, str | None], Pair] = defaultdict(lambda: (ZERO, ZERO))
        for _, line in self.counted(business, date):
            key = (line.account, line.currency or FUNCTIONAL[business][0], line.counterparty)
            found[key] = (found[key][0] + line.amount, found[key][1] + line.total)
        for (code, currency, counterparty), (value, worth) in found.items():
            foreign = currency != FUNCTIONAL[business][0]
            if not foreign or self.accounts[code].type not in BALANCE:
                continue
            rate = self.rate(currency, business, date)
            if rate is None and worth:
                wrong.add("ZL050")
                continue
            now = rounded(Fraction(worth) * Fraction(rate or 0), FUNCTIONAL[business][1])
            if now != value:
                lines.append(Line(code, now - value, currency, ZERO, counterparty=counterparty))
        up = sum((line.amount for line in lines if line.amount > 0), ZERO)
        down = sum((line.amount for line in lines if line.amount < 0), ZERO)
        lines += [Line("4920", -up)] if up else []
        lines += [Line("5930", -down)] if down else []
        return lines, wrong
