"""Scratch databases on a server: made empty, and always dropped again."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.interrupt import sigterm_raises

PREFIX = "pgerp_verify_"
ABANDONED_AFTER = "1 hour"

_LOCALE = """
SELECT
    pg_encoding_to_char(d.encoding),
    d.datcollate,
    d.datctype,
    d.datlocprovider::text,
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
FROM pg_database AS d
WHERE d.datname = current_database()
"""

_ABANDONED = """
SELECT d.datname
FROM pg_database AS d
WHERE
    d.datname ~ %s
    AND to_timestamp(split_part(d.datname, '_', 3)::bigint) < now() - %s::interval
    AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = d.datname)
"""


def refusal(conn: psycopg.Connection[Any]) -> str | None:
    """Return why this session cannot make a database, as a sentence; None when it can."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',"
            " (SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user),"
            " current_user::text"
        ).fetchone()
    standby, read_only, may, user = row or (False, False, False, "?")
    if standby:
        return "The server is a standby, where no database can be made."
    if read_only:
        return "The session is read-only."
    return None if may else f"Role {user} may not create databases."


@contextlib.contextmanager
def scratch_database(conn: psycopg.Connection[Any]) -> Iterator[str]:
    """Make an empty database with this one's encoding and locale; drop it when the block ends.

    SIGTERM ends the block like an exception. What killed runs left behind for more than an hour
    is dropped first.

    Args:
        conn: A connection in autocommit mode, whose role may create databases.

    Yields:
        The database's name.

    Raises:
        PgerpError: it cannot be made.
    """
    sweep(conn)
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT extract(epoch FROM now())::bigint").fetchone()
        locale = cursor.execute(_LOCALE).fetchone()
    assert row is not None and locale is not None
    name = f"{PREFIX}{row[0]}_{secrets.token_hex(6)}"
    with sigterm_raises():
        try:
            try:
                conn.execute(_create(name, *locale))
            except psycopg.Error as error:
                raise PgerpError(
                    f"no scratch database can be made: {error.diag.message_primary or error}",
                    sqlstate=error.sqlstate,
                    hint="Connect as a role with CREATEDB.",
                ) from error
            yield name
        finally:
            if not conn.broken:
                _drop(conn, name)


def sweep(conn: psycopg.Connection[Any]) -> None:
    """Drop the scratch databases that nobody uses any more and that are older than an hour."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(
            _ABANDONED, (f"^{PREFIX}[0-9]{{1,12}}_[0-9a-f]{{12}}$", ABANDONED_AFTER)
        ).fetchall()
    for (name,) in found:
        with contextlib.suppress(psycopg.Error):
            _drop(conn, name)


def _create(
    name: str, encoding: str, collate: str, ctype: str, provider: str, locale: str | None
) -> sql.Composed:
    options = sql.SQL("ENCODING {} LC_COLLATE {} LC_CTYPE {} LOCALE_PROVIDER {}").format(
        sql.Literal(encoding),
        sql.Literal(collate),
        sql.Literal(ctype),
        sql.SQL({"i": "icu", "b": "builtin"}.get(provider, "libc")),
    )
    if provider == "i":
        options += sql.SQL(" ICU_LOCALE {}").format(sql.Literal(locale))
    elif provider == "b":
        options += sql.SQL(" BUILTIN_LOCALE {}").format(sql.Literal(locale))
    return sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(sql.Identifier(name), options)


def _drop(conn: psycopg.Connection[Any], name: str) -> None:
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
