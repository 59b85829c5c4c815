"""Fixtures of the tests of lending."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, open_books


@pytest.fixture
def books(db: psycopg.Connection) -> Books:
    """A tenant with the businesses MAIN and SIDE, in the transaction, and its token."""
    return open_books(db)
