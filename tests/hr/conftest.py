"""Fixtures of the tests of hr."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import open_business


@pytest.fixture
def books(db: psycopg.Connection) -> Books:
    """A tenant with the business MAIN and its departments SALES and STORE, in the transaction."""
    return open_business(db)
