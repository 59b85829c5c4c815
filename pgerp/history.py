"""What the database knows about its migrations: the schema pgerp, and yoyo's tables beside it.

Reading takes no locks but those of SELECT, needs no more than SELECT, and works before the tables
exist and on a standby. Writing is SQL text, so that the ledger rows of a migration travel in the
same message as its COMMIT.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row, tuple_row

from pgerp.errors import PgerpError
from pgerp.migrations import Migration

SCHEMA = "pgerp"
Connection = psycopg.Connection[Any]

_YOYO_TABLES = """
CREATE TABLE public._yoyo_migration (migration_hash VARCHAR(64), migration_id VARCHAR(255),
    applied_at_utc TIMESTAMP, PRIMARY KEY (migration_hash));
CREATE TABLE public._yoyo_log (id VARCHAR(36), migration_hash VARCHAR(64),
    migration_id VARCHAR(255), operation VARCHAR(10), username VARCHAR(255),
    hostname VARCHAR(255), comment VARCHAR(255), created_at_utc TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE public._yoyo_version (version INT NOT NULL PRIMARY KEY, installed_at_utc TIMESTAMP);
INSERT INTO public._yoyo_version VALUES (2, clock_timestamp() AT TIME ZONE 'UTC');
"""
_YOYO_COMMENTS = "".join(
    f"COMMENT ON TABLE public.{name} IS 'yoyo-migrations 9: kept by pgerp, read by yoyo list.';\n"
    for name in ("_yoyo_migration", "_yoyo_log", "_yoyo_version")
)


@dataclass(frozen=True)
class Applied:
    """One row of pgerp.migrations."""

    id: str
    project: str
    path: str
    checksum: str
    state: str
    position: int
    applied_at: datetime
    applied_by: str
    duration_ms: int


@dataclass(frozen=True)
class Known:
    """What the runner's tables say.

    Attributes:
        exists: False before the first run; everything else is empty then.
        applied: Rows of pgerp.migrations by id, in the order in which they were applied.
        admitted: Ids and checksums of late files that a repair let in.
        roles: Checksum of the roles file last run, by project; None = it has none.
        repeatables: Checksum last applied, by key.
    """

    exists: bool
    applied: dict[str, Applied]
    admitted: frozenset[tuple[str, str]]
    roles: dict[str, str | None]
    repeatables: dict[str, str]


def read(conn: Connection) -> Known:
    """Read the runner's tables.

    Raises:
        PgerpError: they exist, but this role may not read them (42501).
    """
    try:
        if not exists(conn):
            return Known(False, {}, frozenset(), {}, {})
        with conn.cursor(row_factory=class_row(Applied)) as cursor:
            rows = cursor.execute("SELECT * FROM pgerp.migrations ORDER BY position").fetchall()
        late = _pairs(conn, "migration, checksum FROM pgerp.history WHERE action = 'admit'")
        roles = _pairs(conn, "name, roles_checksum FROM pgerp.projects")
        repeatables = _pairs(conn, "key, checksum FROM pgerp.repeatables")
    except psycopg.errors.InsufficientPrivilege as error:
        raise unreadable(error) from None
    return Known(
        exists=True,
        applied={row.id: row for row in rows},
        admitted=frozenset(late),
        roles=dict(roles),
        repeatables=dict(repeatables),
    )


def exists(conn: Connection) -> bool:
    """Tell whether the runner's tables are there."""
    return _is_true(
        conn,
        "EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'history' AND relkind = 'r'"
        f" AND relnamespace = to_regnamespace('{SCHEMA}'))",
    )


def unreadable(error: psycopg.errors.InsufficientPrivilege) -> PgerpError:
    """Return the error of a role that may not read the runner's tables."""
    return PgerpError(
        "this role may not read the runner's tables",
        where=f"schema {SCHEMA}",
        sqlstate=error.sqlstate,
        hint="GRANT USAGE ON SCHEMA pgerp, and SELECT ON ALL TABLES IN SCHEMA pgerp, to it.",
    )


def _is_true(conn: Connection, condition: str) -> bool:
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(f"SELECT {condition}".encode()).fetchone()
    return bool(row and row[0])


def _pairs(conn: Connection, columns: str) -> list[tuple[str, str]]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(f"SELECT {columns}".encode()).fetchall()


def create(conn: Connection) -> None:
    """Create the runner's tables, and yoyo's where they are missing.

    Call it in a transaction, as the role that is to own them.

    Raises:
        PgerpError: yoyo's tables are of a release older than 6.
    """
    if _is_true(conn, "to_regnamespace('pgerp') IS NULL"):
        conn.execute("CREATE SCHEMA pgerp")
        conn.execute("COMMENT ON SCHEMA pgerp IS 'The runner of migrations: what it did, when.'")
    text = Path(__file__).with_name("bookkeeping.sql").read_text("utf-8")
    conn.execute(text.encode())
    has_migrations = _is_true(conn, "to_regclass('public._yoyo_migration') IS NOT NULL")
    if has_migrations and _is_true(conn, "to_regclass('public._yoyo_version') IS NULL"):
        raise PgerpError(
            "yoyo's tables in this database are of an older release",
            where="table public._yoyo_migration",
            hint="Run yoyo list of yoyo-migrations 9 once: it brings them up to date.",
        )
    if not has_migrations:
        conn.execute(_YOYO_TABLES.encode())
        conn.execute(_YOYO_COMMENTS.encode())


def applied_sql(migration: Migration, state: str, action: str, reason: str | None = None) -> str:
    """Return the statements that record a migration as applied or as running.

    Args:
        migration: The migration.
        state: "applied", "baseline" or "running".
        action: Its name in pgerp.history: "up", "baseline" or "complete".
        reason: Why, for pgerp.history.

    Returns:
        SQL that takes the transaction's age as the duration.
    """
    path = migration.path.relative_to(migration.project.root).as_posix()
    values = _list(
        migration.id,
        migration.project.name,
        path,
        migration.checksum,
        state,
        sql.SQL("(extract(epoch FROM clock_timestamp() - now()) * 1000)::bigint"),
    )
    statement = (
        "INSERT INTO pgerp.migrations (id, project, path, checksum, state, duration_ms)"
        f" VALUES ({values}) ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
        " checksum = excluded.checksum, applied_at = excluded.applied_at,"
        " duration_ms = (extract(epoch FROM clock_timestamp()"
        " - migrations.applied_at) * 1000)::bigint;\n"
    )
    if state == "running":
        return statement
    operation = "mark" if state == "baseline" else "apply"
    return (
        statement
        + history_sql(action, migration=migration.id, checksum=migration.checksum, reason=reason)
        + "INSERT INTO public._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        f" VALUES ({_list(_yoyo_hash(migration.stem), migration.stem, _UTC)})"
        " ON CONFLICT DO NOTHING;\n" + _yoyo_log(migration.stem, operation)
    )


def removed_sql(id: str, action: str, *, reason: str | None = None, yoyo: bool = True) -> str:
    """Return the statements that take a migration out of the ledger.

    Args:
        id: Its id; the file need not exist any more.
        action: Its name in pgerp.history: "down", "forget" or "clear".
        reason: Why, for pgerp.history.
        yoyo: Whether yoyo's tables have it too.
    """
    stem = id.rpartition("/")[2]
    statement = f"DELETE FROM pgerp.migrations WHERE id = {_list(id)};\n"
    statement += history_sql(action, migration=id, reason=reason)
    if yoyo:
        # Two projects may have files of one name; yoyo knows names only.
        statement += (
            f"DELETE FROM public._yoyo_migration WHERE migration_hash = {_list(_yoyo_hash(stem))}"
            " AND NOT EXISTS (SELECT FROM pgerp.migrations AS m"
            f" WHERE regexp_replace(m.id, '^.*/', '') = {_list(stem)});\n"
        ) + _yoyo_log(stem, "rollback" if action == "down" else "unmark")
    return statement


def accepted_sql(migration: Migration, reason: str) -> str:
    """Return the statements that accept the present text of an edited file."""
    return (
        f"UPDATE pgerp.migrations SET checksum = {_list(migration.checksum)}"
        f" WHERE id = {_list(migration.id)};\n"
    ) + history_sql("accept", migration=migration.id, checksum=migration.checksum, reason=reason)


def history_sql(action: str, **columns: str | None) -> str:
    """Return an INSERT into pgerp.history; columns are migration, checksum, reason, detail."""
    names = ", ".join(("client", "action", *columns))
    values = _list(f"{_user()}@{socket.gethostname()}", action, *columns.values())
    return f"INSERT INTO pgerp.history ({names}) VALUES ({values});\n"


def project_sql(name: str, owner: str | None, roles_checksum: str | None) -> str:
    """Return the statement that records a project and the roles file that was run for it."""
    return (
        "INSERT INTO pgerp.projects (name, owner, roles_checksum)"
        f" VALUES ({_list(name, owner, roles_checksum)}) ON CONFLICT (name) DO UPDATE"
        " SET owner = excluded.owner, roles_checksum = excluded.roles_checksum;\n"
    )


_UTC = sql.SQL("clock_timestamp() AT TIME ZONE 'UTC'")


def _list(*values: str | sql.SQL | None) -> str:
    """Return values as SQL literals, separated by commas."""
    return ", ".join(_literals(values))


def _literals(values: Iterable[str | sql.SQL | None]) -> Iterable[str]:
    for value in values:
        composable = value if isinstance(value, sql.SQL) else sql.Literal(value)
        yield composable.as_string()


def _yoyo_hash(stem: str) -> str:
    from yoyo.migrations import get_migration_hash

    return str(get_migration_hash(stem))


def _yoyo_log(stem: str, operation: str) -> str:
    values = _list(
        sql.SQL("gen_random_uuid()::text"),
        _yoyo_hash(stem),
        stem,
        operation,
        _user(),
        socket.gethostname(),
        _UTC,
    )
    return (
        "INSERT INTO public._yoyo_log (id, migration_hash, migration_id, operation, username,"
        f" hostname, created_at_utc) VALUES ({values});\n"
    )


@cache
def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
