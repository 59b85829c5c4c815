"""Random entries, of which most make sense, for `whole_books_machine.py`."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.ledger.foreign import ROLES
from tests.ledger.whole_books import Model
from tests.ledger.whole_books_entries import DECIMALS, FUNCTIONAL, YEARS, Entry, Line, rounded

FIXED = {"3200", *ROLES.values()}
"""Accounts with roles: nobody posts to them directly, and they stay active."""

businesses = st.sampled_from(sorted(FUNCTIONAL))
years = st.sampled_from(YEARS)
ends = st.builds(
    lambda year, month: datetime.date(year, month, 28),
    st.sampled_from([2025, 2026]),
    st.integers(1, 12),
)
days = st.one_of(
    ends,
    st.sampled_from([datetime.date(2025, 12, 31), datetime.date(2026, 12, 31)]),
    st.dates(datetime.date(2024, 12, 31), datetime.date(2027, 1, 1)),
)
picks = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(1, 10**7), st.booleans(), st.sampled_from([None, "ACME"])
    ),
    min_size=1,
    max_size=4,
)
shapes = st.sampled_from(["plain", "plain", "foreign", "foreign", "mixed", "crooked"])
wishes = st.tuples(
    businesses, days, st.sampled_from(["regular"] * 5 + ["adjusting"]), shapes,
    st.sampled_from(["POSTED", "POSTED", "DRAFT"]), picks,
    st.sampled_from([None, None, Decimal("1.0837"), Decimal("129.5")]),
    st.sampled_from(sorted(DECIMALS)),
)  # fmt: skip
numbers = st.integers(0, 50)


def wish(model: Model, wanted: Any) -> Entry:
    """Make of random choices an entry that mostly makes sense."""
    business, date, kind, shape, status, picked, rate, currency = wanted
    codes = sorted(set(model.accounts) - FIXED)
    if kind == "adjusting":
        date = datetime.date(date.year, 12, 31)
    digits = DECIMALS[currency] if shape == "foreign" else 4
    lines = [
        Line(codes[n % len(codes)], Decimal(whole if up else -whole).scaleb(-digits))
        for n, whole, up, _ in picked
    ]
    if shape != "crooked":
        rest = -sum((line.amount for line in lines), Decimal(0))
        lines.append(Line(codes[picked[0][1] % len(codes)], rest or Decimal(1)))
        if not rest:
            lines.append(Line("4100", Decimal(-1)))
    for line, (*_, counterparty) in zip(lines, picked, strict=False):
        line.counterparty = counterparty
    for line in lines if shape == "foreign" else []:
        line.currency, line.worth, line.rate = currency, line.amount, rate
    if shape == "mixed":
        functional = FUNCTIONAL[business][1]
        worth = rounded(lines[0].amount, DECIMALS[currency]) or Decimal(1)
        rate = rate or Decimal("2.5")
        lines = [Line(lines[0].account, Decimal(0), currency, worth, rate), lines[1]]
        lines[1].amount = -rounded(worth * rate, functional)
        if lines[1].amount == 0:
            lines[1].amount = Decimal(1)
    return Entry(business, date, kind, lines, status, status == "POSTED")


def request(entry: Entry) -> dict[str, Any]:
    lines = []
    for line in entry.lines:
        side = "debit" if line.total > 0 else "credit"
        given = {"account": line.account, side: f"{abs(line.total):f}"}
        given |= {"counterparty": line.counterparty} if line.counterparty else {}
        given |= {"currency": line.currency} if line.currency else {}
        lines.append(given | ({"rate": f"{line.rate:f}"} if line.rate else {}))
    head = {"business": entry.business, "date": entry.date.isoformat(), "description": "x"}
    return head | {"status": entry.status, "period_kind": entry.kind, "lines": lines}
