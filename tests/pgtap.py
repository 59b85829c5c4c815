"""Assertions about a database in the manner of pgTAP: one call, one fact, a readable failure.

Each takes an open connection first; names are `schema.object`. `throws` and `lives` run their
statement in a savepoint, so that a refused one does not end the test's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

Params = Sequence[Any] | dict[str, Any] | None

_KINDS = {
    "table": "r p",
    "view": "v",
    "materialized view": "m",
    "index": "i I",
    "sequence": "S",
}


def value(conn: psycopg.Connection, query: str, params: Params = None) -> Any:
    """Return the only column of the only row of a query."""
    rows = conn.execute(query, params).fetchall()
    assert len(rows) == 1 and len(rows[0]) == 1, f"not one value but {rows}"
    return rows[0][0]


def _has(conn: psycopg.Connection, what: str, query: str, params: Params) -> None:
    assert value(conn, f"SELECT EXISTS ({query})", params), f"there is no {what}"


def has_schema(conn: psycopg.Connection, name: str) -> None:
    """The schema exists."""
    _has(conn, f"schema {name}", "SELECT FROM pg_namespace WHERE nspname = %s", [name])


def _has_relation(conn: psycopg.Connection, kind: str, name: str) -> None:
    query = "SELECT FROM pg_class WHERE oid = to_regclass(%s) AND relkind = ANY (%s)"
    _has(conn, f"{kind} {name}", query, [name, _KINDS[kind].split()])


def has_table(conn: psycopg.Connection, name: str) -> None:
    """The table (partitioned or not) exists."""
    _has_relation(conn, "table", name)


def has_view(conn: psycopg.Connection, name: str) -> None:
    """The view exists."""
    _has_relation(conn, "view", name)


def has_materialized_view(conn: psycopg.Connection, name: str) -> None:
    """The materialized view exists."""
    _has_relation(conn, "materialized view", name)


def has_index(conn: psycopg.Connection, name: str, columns: Sequence[str] | None = None) -> None:
    """The index exists, is valid, and covers exactly these columns or expressions if given."""
    _has_relation(conn, "index", name)
    query = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
    assert value(conn, query, [name]), f"index {name} is not valid"
    if columns is not None:
        query = """SELECT array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n)
            FROM pg_index AS i, generate_series(1, i.indnatts) AS n
            WHERE i.indexrelid = to_regclass(%s)"""
        assert value(conn, query, [name]) == list(columns)


def has_column(
    conn: psycopg.Connection,
    table: str,
    column: str,
    type_name: str | None = None,
    *,
    nullable: bool | None = None,
) -> None:
    """The column exists; with this type (as PostgreSQL writes it) and nullability if given."""
    row = conn.execute(
        """SELECT format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attname = %s AND attnum > 0 AND NOT attisdropped""",
        [table, column],
    ).fetchone()
    assert row is not None, f"there is no column {table}.{column}"
    if type_name is not None:
        assert row[0] == type_name
    if nullable is not None:
        assert row[1] is nullable, f"{table}.{column}: nullable is {row[1]}"


def has_constraint(
    conn: psycopg.Connection, table: str, name: str, definition: str | None = None
) -> None:
    """The table has this constraint; with this definition (pg_get_constraintdef) if given."""
    row = conn.execute(
        """SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = to_regclass(%s) AND conname = %s""",
        [table, name],
    ).fetchone()
    assert row is not None, f"table {table} has no constraint {name}"
    if definition is not None:
        assert row[0] == definition


def has_trigger(conn: psycopg.Connection, table: str, name: str) -> None:
    """The table has this trigger, and it is enabled."""
    query = """SELECT FROM pg_trigger
        WHERE tgrelid = to_regclass(%s) AND tgname = %s AND tgenabled <> 'D'"""
    _has(conn, f"trigger {name} on {table}", query, [table, name])


def has_function(conn: psycopg.Connection, signature: str, returns: str | None = None) -> None:
    """The function exists under `schema.name(type, …)`; returns this type if given."""
    query = "SELECT FROM pg_proc WHERE oid = to_regprocedure(%s)"
    _has(conn, f"function {signature}", query, [signature])
    if returns is not None:
        query = "SELECT pg_get_function_result(to_regprocedure(%s))"
        assert value(conn, query, [signature]) == returns


def has_type(conn: psycopg.Connection, name: str) -> None:
    """The type or domain exists."""
    _has(conn, f"type {name}", "SELECT FROM pg_type WHERE oid = to_regtype(%s)", [name])


def has_comment(conn: psycopg.Connection, name: str) -> None:
    """The table, view or index has a comment."""
    query = "SELECT FROM pg_description WHERE objoid = to_regclass(%s) AND objsubid = 0"
    _has(conn, f"comment on {name}", query, [name])


def has_privilege(conn: psycopg.Connection, role: str, privilege: str, on: str) -> None:
    """The role has the privilege, as in `has_privilege(db, "app", "SELECT", "table a.b")`.

    Args:
        conn: An open connection.
        role: The role's name.
        privilege: One of PostgreSQL's, e.g. `EXECUTE`.
        on: `schema`, `table`, `sequence`, `function`, `type` or `database`, then its name; a
            function's with its argument types.
    """
    assert _privileged(conn, role, privilege, on), f"{role} has no {privilege} on {on}"


def lacks_privilege(conn: psycopg.Connection, role: str, privilege: str, on: str) -> None:
    """The role does not have the privilege; arguments as in `has_privilege`."""
    assert not _privileged(conn, role, privilege, on), f"{role} has {privilege} on {on}"


def _privileged(conn: psycopg.Connection, role: str, privilege: str, on: str) -> bool:
    kind, _, name = on.partition(" ")
    query = sql.SQL("SELECT {}(%s, %s, %s)").format(sql.Identifier(f"has_{kind}_privilege"))
    row = conn.execute(query, [role, name, privilege]).fetchone()
    assert row is not None
    return bool(row[0])


def throws(
    conn: psycopg.Connection,
    sqlstate: str,
    statement: str,
    params: Params = None,
    *,
    deferred: bool = False,
) -> psycopg.Error:
    """The statement is refused with this SQLSTATE.

    Args:
        conn: An open connection.
        sqlstate: Five characters, e.g. `23514`.
        statement: SQL.
        params: Its parameters.
        deferred: Also run what is deferred to the end of the transaction.

    Returns:
        The error, whose `diag` names the constraint, table and column.
    """
    try:
        _run(conn, statement, params, deferred)
    except psycopg.Error as error:
        assert error.sqlstate == sqlstate, f"{error.sqlstate} instead of {sqlstate}: {error}"
        return error
    raise AssertionError(f"not refused with {sqlstate}: {statement}")


def lives(
    conn: psycopg.Connection, statement: str, params: Params = None, *, deferred: bool = False
) -> None:
    """The statement is accepted; arguments as in `throws`."""
    _run(conn, statement, params, deferred)


def _run(conn: psycopg.Connection, statement: str, params: Params, deferred: bool) -> None:
    with conn.transaction():
        conn.execute(statement, params)
        if deferred:
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
            conn.execute("SET CONSTRAINTS ALL DEFERRED")


def results_eq(
    conn: psycopg.Connection, query: str, expected: Sequence[Sequence[Any]], params: Params = None
) -> None:
    """The query returns exactly these rows in this order."""
    assert conn.execute(query, params).fetchall() == [tuple(row) for row in expected]


def set_eq(
    conn: psycopg.Connection, query: str, expected: Sequence[Sequence[Any]], params: Params = None
) -> None:
    """The query returns exactly these rows, as often, in any order."""
    assert Counter(conn.execute(query, params).fetchall()) == Counter(map(tuple, expected))


def is_empty(conn: psycopg.Connection, query: str, params: Params = None) -> None:
    """The query returns no row; a failure shows the rows (the offenders)."""
    assert conn.execute(query, params).fetchall() == []


@contextmanager
def as_role(conn: psycopg.Connection, role: str) -> Iterator[None]:
    """Act as a role for the length of the block; the connection must be in a transaction."""
    before = value(conn, "SELECT current_setting('role')")
    conn.execute("SELECT set_config('role', %s, true)", [role])
    try:
        yield
    finally:
        if conn.info.transaction_status is TransactionStatus.INTRANS:
            conn.execute("SELECT set_config('role', %s, true)", [before])
