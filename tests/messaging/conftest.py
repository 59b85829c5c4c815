"""Fixtures of the tests of messages."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, open_books
from tests.messaging.queue import save
from tests.party.customers import PHONE, create


@pytest.fixture
def books(db: psycopg.Connection) -> Books:
    """Books in the transaction of `db`, which holds a token for all that need not be named."""
    return open_books(db)


@pytest.fixture
def mary(db: psycopg.Connection, books: Books) -> str:
    """A customer with a phone, in a tenant with a template."""
    save(db)
    return str(create(db, given_name="Mary", family_name="Wanjiku", **PHONE))
