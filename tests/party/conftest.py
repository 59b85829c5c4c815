"""Fixtures of the tests of customers."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, open_books
from tests.party.customers import DOCUMENT, PHONE, add, create


@pytest.fixture
def books(db: psycopg.Connection) -> Books:
    """Books in the transaction of `db`, which holds a token for all that need not be named."""
    return open_books(db)


@pytest.fixture
def mary(db: psycopg.Connection, books: Books) -> str:
    """A customer with a phone, an address and an identity document."""
    customer = create(db, given_name="Mary", family_name="Wanjiku", **PHONE)
    add(db, "identity_document", customer, **DOCUMENT)
    return str(customer)
