"""Fixtures of the tests of customers."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgerp.db import connect
from tests.ledger.books import Books, open_books
from tests.party.customers import DOCUMENT, PHONE, add, create
from tests.party.person import Person, let_all, make_person


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


@pytest.fixture
def person(db: psycopg.Connection, books: Books) -> Person:
    """A person in the books, whom the token may anonymise."""
    made = make_person(db)
    let_all(db, books)
    return made


@pytest.fixture
def lived(clone: str) -> Iterator[tuple[psycopg.Connection, Person]]:
    """The same, committed, in sealed books; with another tenant's namesake."""
    with connect(clone) as conn:
        books = open_books(conn)
        made = make_person(conn)
        conn.execute("SELECT ledger.seal()")
        let_all(conn, books)
        yield conn, made
