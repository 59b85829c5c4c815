"""What most businesses do, so that few random requests after it find nothing to work on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.ledger.whole_books_entries import FUNCTIONAL, YEARS, Entry, Line

cents = st.integers(1, 10**7).map(lambda n: Decimal(n).scaleb(-2))
rates = st.decimals("0.01", 200, places=4)
dates = st.builds(datetime.date, st.sampled_from(YEARS), st.integers(1, 12), st.integers(1, 28))
usual = st.fixed_dictionaries(
    {
        business: st.tuples(
            st.lists(cents, min_size=5, max_size=5),
            st.lists(rates, min_size=4, max_size=4),
            st.lists(dates, min_size=5, max_size=5),
        )
        for business in FUNCTIONAL
    }
)


def usual_rates(drawn: Any) -> Iterator[tuple[str, str, datetime.date, Decimal]]:
    """Rates of two currencies: currency, business, day, rate."""
    for business, (_, rate, date) in drawn.items():
        yield "EUR", business, date[0], rate[2]
        yield "KWD", business, datetime.date(2025, 1, 1), rate[3]


def usual_entries(drawn: Any) -> Iterator[Entry]:
    """An invoice and its payment in euro, a bill of two parts, a sale, a cost, and a draft."""
    for business, (amount, rate, date) in drawn.items():
        for n, (debit, credit) in enumerate((("1200", "4100"), ("1150", "1200"))):
            worth = amount[n]
            lines = [
                Line(debit, worth, "EUR", worth, rate[n]),
                Line(credit, -worth, "EUR", -worth, rate[n]),
            ]
            lines[n].counterparty = "ACME"
            yield Entry(business, date[n], "regular", lines, "POSTED", True)
        parts = [("5100", amount[0]), ("1150", amount[1]), ("2200", -amount[0] - amount[1])]
        # At the rate on record for its very day.
        lines = [Line(account, worth, "EUR", worth) for account, worth in parts]
        yield Entry(business, date[0], "regular", lines, "POSTED", True)
        for n, (debit, credit) in enumerate((("1110", "4100"), ("5100", "2110"), ("1120", "4100"))):
            lines = [Line(debit, amount[n + 2]), Line(credit, -amount[n + 2])]
            status = "DRAFT" if n == 2 else "POSTED"
            yield Entry(business, date[n + 2], "regular", lines, status, status == "POSTED")
