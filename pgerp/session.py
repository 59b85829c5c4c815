"""A tenant's session: the tenant by name, and transactions that carry its token."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.rows import tuple_row

from pgerp.errors import PgerpError

_RENEW_AFTER_S = 1800.0

Cursor = psycopg.Cursor[tuple[Any, ...]]


class TenantSession:
    """Transactions of one tenant on one connection.

    Each transaction sets the token for itself only, so the connection may be pooled per
    transaction, and work that lasts longer than a token goes on with a new one.

    Args:
        connection: An open connection of a role that may issue tokens, not in a transaction.
        tenant_id: The tenant.
    """

    def __init__(self, connection: psycopg.Connection, tenant_id: int) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self._token = ""
        self._issued_at = float("-inf")

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Cursor]:
        """Open a transaction in the tenant; commit at the end, roll back on an exception.

        Args:
            snapshot: Read only, and every statement sees the same state of the books.
        """
        if time.monotonic() - self._issued_at > _RENEW_AFTER_S:
            # By itself, since issuing locks the keys until the end of its transaction.
            with self.connection.cursor() as cursor:
                self._issue(cursor)
        with self.connection.transaction(), self.connection.cursor() as cursor:
            if snapshot:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._enter(cursor)
            yield cursor

    def enter_new(self, cursor: Cursor) -> None:
        """Prove a tenant that the open transaction of `cursor` has just made."""
        self._issue(cursor)
        self._enter(cursor)

    def _issue(self, cursor: Cursor) -> None:
        cursor.execute("SELECT identity.issue_token(p_tenant_id => %s)", (self.tenant_id,))
        row = cursor.fetchone()
        assert row is not None
        self._token, self._issued_at = row[0], time.monotonic()

    def _enter(self, cursor: Cursor) -> None:
        cursor.execute("SELECT set_config('pgerp.token', %s, true)", (self._token,))
        cursor.execute("SELECT identity.enter_tenant(%s)", (self.tenant_id,))


def has_ledger(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether the database has the ledger; that of a service may be without."""
    return _has(connection, "to_regclass('ledger.journal_lines')")


def require_tenants(connection: psycopg.Connection[Any]) -> None:
    """Raise PgerpError unless the database has tenants and issues tokens."""
    if not _has(connection, "to_regproc('identity.issue_token')"):
        raise PgerpError(
            "the database has no tenants",
            where=connection.info.dbname,
            hint="Bring it up to date first: pgerp up.",
        )


def require_ledger(connection: psycopg.Connection[Any]) -> None:
    """Raise PgerpError unless the database has the ledger that import and report call."""
    require_tenants(connection)
    if not has_ledger(connection):
        raise PgerpError(
            "the database has no ledger",
            where=connection.info.dbname,
            hint="Name the database of the service that keeps the books, or make it: pgerp up.",
        )


def require_lending(connection: psycopg.Connection[Any]) -> None:
    """Raise PgerpError unless the database has the loans that reports are about."""
    require_tenants(connection)
    if not _has(connection, "to_regclass('lending.loans')"):
        raise PgerpError(
            "the database has no loans",
            where=connection.info.dbname,
            hint="Name the database of the service that lends, or make it: pgerp up.",
        )


def _has(connection: psycopg.Connection[Any], found: LiteralString) -> bool:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(f"SELECT {found} IS NOT NULL").fetchone() == (True,)


def tenant_names(connection: psycopg.Connection) -> dict[str, int]:
    """Return the tenants of the database: name -> id.

    Raises:
        PgerpError: The role may not list tenants.
    """
    try:
        rows = connection.execute("SELECT name, id FROM identity.tenants ORDER BY name").fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    return dict(rows)


def open_tenant(connection: psycopg.Connection, name: str | None) -> TenantSession:
    """Open a session in a tenant.

    Args:
        connection: See TenantSession.
        name: The tenant's name; None takes the only one there is.

    Raises:
        PgerpError: No such tenant, none at all, or several and no name.
    """
    tenants = tenant_names(connection)
    if name is not None and name in tenants:
        return TenantSession(connection, tenants[name])
    if name is None and len(tenants) == 1:
        return TenantSession(connection, next(iter(tenants.values())))
    known = ", ".join(repr(tenant) for tenant in list(tenants)[:10])
    raise PgerpError(
        f"there is no tenant {name!r}" if name is not None else "no tenant is named",
        where=connection.info.dbname,
        detail=f"Tenants: {known}{', …' if len(tenants) > 10 else ''}."
        if tenants
        else "The database has no tenant yet.",
        hint="Give one of them with --tenant."
        if tenants
        else "pgerp import --create makes the tenant that --tenant names.",
    )


def privilege_error(connection: psycopg.Connection, error: psycopg.Error) -> PgerpError:
    """Say who was refused what, and which role could do it."""
    return PgerpError(
        f"role {connection.info.user} may not do this: {error.diag.message_primary}",
        where=connection.info.dbname,
        sqlstate=error.sqlstate,
        hint="Connect as a role that is a member of pgerp_migrator.",
    )


def database_error(error: psycopg.Error, where: str) -> PgerpError:
    """Tell an error of the server in pgerp's form.

    Args:
        error: What psycopg raised.
        where: The file:line or object concerned.
    """
    diag = error.diag
    return PgerpError(
        diag.message_primary or str(error).strip(),
        where=where,
        sqlstate=error.sqlstate,
        detail=diag.message_detail,
        hint=diag.message_hint,
    )
