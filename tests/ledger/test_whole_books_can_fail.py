"""The comparison of the books with the model in memory sees defects that are planted in functions.

A fixed day, by the rules of the state machine, passes as the functions are, and fails with each.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.mutations import MUTATIONS
from tests.ledger.test_whole_books import whole
from tests.ledger.whole_books_machine import WholeBooks

__all__ = ["whole"]

DAYS = [datetime.date(2025, month, month) for month in (3, 4, 5, 6, 7)]
AMOUNTS = [Decimal(amount) for amount in ("100.05", "40.05", "70", "30", "20")]
USUAL: Any = {
    "MAIN": (AMOUNTS, [Decimal(rate) for rate in ("1.0837", "1.2113", "1.1030", "3.1")], DAYS),
    "TOKYO": (AMOUNTS, [Decimal(rate) for rate in ("161.37", "158.92", "160.55", "480")], DAYS),
}


def live_through(books: WholeBooks) -> None:
    """Carry out the day, comparing after each request."""
    books.begin(USUAL, False)
    books.the_books_are_the_models()
    books.post_draft(0)
    books.the_books_are_the_models()
    for eighths in (3, 8):
        books.match(0, eighths)
    books.the_books_are_the_models()
    for business in ("MAIN", "TOKYO"):
        books.revalue(business, datetime.date(2025, 5, 28))
    books.the_books_are_the_models()
    for number in (2, 3):
        books.reverse(number, None)
    books.the_books_are_the_models()
    for business in ("MAIN", "TOKYO"):
        books.close_year(business, 2025)
    books.the_books_are_the_models()
    books.reopen_year(1, None)
    books.the_books_are_the_models()


@pytest.fixture
def books(whole: psycopg.Connection) -> WholeBooks:
    class Machine(WholeBooks):
        db = whole

    return Machine()


def test_a_day_in_the_books_is_as_in_the_model(books: WholeBooks) -> None:
    live_through(books)
    counted = {entry.kind for entry in books.model.entries if entry.counts}
    assert counted == {"regular", "closing"}
    assert any(line.account == "5910" for entry in books.model.entries for line in entry.lines)
    assert any(entry.matched for entry in books.model.entries)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_defect_is_seen_within_a_day(books: WholeBooks, name: str) -> None:
    for mutation in MUTATIONS[name]:
        mutation.plant(books.db)
    with pytest.raises(AssertionError):
        live_through(books)
