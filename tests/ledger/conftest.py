"""Fixtures of the ledger's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from pgerp.db import connect
from tests.ledger.books import Books, open_books


@pytest.fixture
def books(db: psycopg.Connection) -> Books:
    """Books in the transaction of `db`."""
    return open_books(db)


@pytest.fixture(scope="module")
def committed_url(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> Iterator[str]:
    """A database of the module's own with committed books."""
    with new_database(template) as url:
        with connect(url) as conn:
            open_books(conn)
        yield url


@pytest.fixture
def session(committed_url: str) -> Iterator[psycopg.Connection]:
    """A session in autocommit on the module's books, holding a token."""
    with connect(committed_url) as conn:
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1, 'alice'), false)")
        yield conn
