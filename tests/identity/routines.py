"""Calling whatever the catalog has: functions with SELECT, procedures with CALL."""

from __future__ import annotations

import psycopg

from tests.pgtap import value


def statement(conn: psycopg.Connection, name: str, arguments: str) -> str:
    """Return the statement that calls a function or procedure, and has what it returns as rows.

    Args:
        conn: Where it is.
        name: Its name, with the schema.
        arguments: What stands between its brackets.
    """
    kind = value(conn, "SELECT p.prokind FROM pg_proc AS p WHERE p.oid = to_regproc(%s)", [name])
    return f"CALL {name}({arguments})" if kind == "p" else f"SELECT * FROM {name}({arguments})"
