"""Accounts, lines and entries of the books in memory; see `whole_books.py`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

FUNCTIONAL = {"MAIN": ("USD", 2), "TOKYO": ("JPY", 0)}
DECIMALS = {"EUR": 2, "KWD": 3}
YEARS = (2025, 2026)
BALANCE = ("ASSET", "LIABILITY")
RESULT = ("REVENUE", "EXPENSE")
ZERO = Decimal(0)
STATES = ["open", "soft_closed", "closed"]

Day = datetime.date
Pair = tuple[Decimal, Decimal]
"""An amount in the functional currency, and one in the currency of the line."""


def rounded(amount: Fraction | Decimal, decimals: int) -> Decimal:
    """Half away from zero."""
    scaled = abs(Fraction(amount)) * 10**decimals
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if amount >= 0 else -whole).scaleb(-decimals)


@dataclass
class Account:
    """One account of the chart."""

    code: str
    type: str
    business: str | None = None
    currency: str | None = None
    active: bool = True
    header: bool = False


@dataclass
class Line:
    """A line; `worth` is its amount in its currency, None for the functional one."""

    account: str
    amount: Decimal
    currency: str | None = None
    worth: Decimal | None = None
    rate: Decimal | None = None
    counterparty: str | None = None
    settled: Decimal = ZERO
    settled_value: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.amount if self.worth is None else self.worth

    @property
    def open(self) -> Decimal:
        return abs(self.total) - self.settled


@dataclass(eq=False)
class Entry:
    """An entry; it counts once it was posted, whether it was reversed since or not."""

    business: str
    date: Day
    kind: str
    lines: list[Line]
    status: str
    counts: bool
    matched: bool = False
    id: Any = None
