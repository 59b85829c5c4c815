"""Running one repeatable file, with errors told by file and line."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import psycopg

from pgerp.repeatables.model import Repeatable
from pgerp.repeatables.query import rows
from pgerp.script import ScriptError, describe, run_script
from pgerp.transaction import RETRIED

_UNDEFINED = {"42P01", "42883", "42704"}
_SIGNATURE = {"42P13", "42809", "42723"}


class Roles:
    """Switches to the roles that own the projects' objects, and back.

    Args:
        conn: A connection inside the transaction in which the roles hold.
    """

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn
        self._entry = self._current = str(rows(conn, "SELECT current_setting('role')")[0][0])

    def become(self, owner: str | None) -> None:
        """Work as a project's owner from now on; None = the session's own role."""
        self._set(owner or "none")

    def restore(self) -> None:
        """Take on the role again that the transaction had at the start."""
        self._set(self._entry)

    def _set(self, role: str) -> None:
        if role != self._current:
            self._conn.execute("SELECT set_config('role', %s, true)", (role,))
            self._current = role


def run(
    conn: psycopg.Connection[Any], repeatable: Repeatable, waiting: Collection[str] = ()
) -> None:
    """Execute a file in one message.

    Args:
        conn: A connection inside a transaction.
        repeatable: The file.
        waiting: Names of functions and views that are applied later, for the remedy.

    Raises:
        PgerpError: a statement failed, with file:line and SQLSTATE.
        ScriptError: a lock was not to be had, so that the caller tries again.
        psycopg.OperationalError: the connection is lost.
    """
    try:
        run_script(conn, repeatable.sql)
    except ScriptError as error:
        if is_transient(error.cause):
            raise
        raise describe(
            error,
            repeatable.sql,
            repeatable.statements,
            repeatable.where,
            hint=_remedy(error.cause, repeatable, waiting),
        ) from error


def is_transient(error: psycopg.Error) -> bool:
    """Whether an error says nothing about the SQL: a lock not granted, a lost connection."""
    at_once = error.sqlstate == "XX000" and "concurrently" in str(error)
    return at_once or error.sqlstate is None or error.sqlstate in RETRIED


def _remedy(error: psycopg.Error, repeatable: Repeatable, waiting: Collection[str]) -> str | None:
    if repeatable.kind == "function" and error.sqlstate in _SIGNATURE:
        return f"A migration must DROP FUNCTION {repeatable.name} first; its file makes it anew."
    if error.sqlstate in _UNDEFINED:
        text = error.diag.message_primary or ""
        for name in waiting:
            if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text):
                return f"It is applied later: write -- requires: {name} on the file's first lines."
    return None
