"""Fixtures of the tests of the audit log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.audit.sealed import Log, make_log
from tests.identity.conftest import make_books
from tests.identity.tokens import KEY, claims, sign
from tests.pgtap import value


@pytest.fixture
def full(
    new_database: Callable[[str | None], contextlib.AbstractContextManager[str]], template: str
) -> Iterator[psycopg.Connection]:
    """A superuser's session on books with a row in every table that clients read."""
    with new_database(template) as url:
        make_books(url)
        with contextlib.closing(connect(url, autocommit=False)) as conn:
            yield conn


@pytest.fixture
def tenant(db: psycopg.Connection) -> int:
    """A tenant with business MAIN and account 1110, whose token the transaction of `db` holds."""
    db.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
    tenant_id: int = value(db, "SELECT identity.create_tenant('Tenant')")
    hold(db, tenant_id)
    db.execute("SELECT identity.create_business('MAIN', 'Main', 'USD')")
    db.execute("SELECT ledger.create_account('1110', 'Cash', 'ASSET')")
    return tenant_id


@pytest.fixture(scope="module")
def log(
    new_database: Callable[[str | None], contextlib.AbstractContextManager[str]],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Log]:
    """A sealed log, for attacks that are undone."""
    with new_database(template) as url:
        yield make_log(url, tmp_path_factory.mktemp("seals"))


def hold(conn: psycopg.Connection, tenant_id: int, **changes: Any) -> None:
    """Have the transaction hold a token of a tenant."""
    token = sign(claims(tenant_id, **changes))
    conn.execute("SELECT set_config('pgerp.token', %s, true)", [token])


def logged(conn: psycopg.Connection, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Return columns of what the log has of a table, in order."""
    return conn.execute(
        f"SELECT {columns} FROM audit.log WHERE table_name = %s ORDER BY id",  # type: ignore[arg-type]
        [table],
    ).fetchall()
