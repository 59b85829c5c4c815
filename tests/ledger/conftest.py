"""Fixtures of the ledger's tests."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from pgerp.db import connect
from tests.ledger.books import Books, open_books, post


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


@contextlib.contextmanager
def _session(url: str) -> Iterator[psycopg.Connection]:
    with connect(url) as conn:
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1, 'alice'), false)")
        yield conn


@pytest.fixture
def session(committed_url: str) -> Iterator[psycopg.Connection]:
    """A session in autocommit on the module's books, holding a token."""
    with _session(committed_url) as conn:
        yield conn


@pytest.fixture
def other(committed_url: str) -> Iterator[psycopg.Connection]:
    """A second session like `session`."""
    with _session(committed_url) as conn:
        yield conn


@pytest.fixture
def third(committed_url: str) -> Iterator[psycopg.Connection]:
    """A third session like `session`."""
    with _session(committed_url) as conn:
        yield conn


@pytest.fixture
def safe(session: psycopg.Connection) -> str:
    """The code of an account of the test's own with 100 in it; its balance is one row."""
    code = f"safe-{uuid.uuid4()}"
    session.execute("SELECT ledger.create_account(%s, 'Safe', 'ASSET')", [code])
    session.execute("UPDATE ledger.accounts SET balance_stripes = 1 WHERE code = %s", [code])
    post(session, (code, "100"), ("4100", "-100"))
    return code
