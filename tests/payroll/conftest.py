"""Fixtures of the tests of payroll."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import open_business


@pytest.fixture
def books(db: psycopg.Connection) -> Books:
    """A tenant with the business MAIN (US dollars) and KES (shillings), in the transaction."""
    return open_business(db, currency="KES")
