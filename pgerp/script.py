"""Sending a whole file in one message, and finding out which of its statements failed."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import errors, generators, pq

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.sqltext import Statement, line_at, shorten

_HINTS = {
    "25001": "Put the statement in a migration of its own that begins with "
    '"-- transactional: false".',
    "42501": "Run it as a role that may do this; the project's owner role needs the privilege.",
    "55P04": "Add the enum value in a migration of its own, before the one that uses it.",
    "42P07": "If the database had its schema before pgerp, mark it with pgerp baseline.",
    "42P06": "If the database had its schema before pgerp, mark it with pgerp baseline.",
}


class ScriptError(Exception):
    """A statement of a script failed.

    Attributes:
        cause: The server's error.
        index: How many statements of the script had succeeded.
        stage: "BEGIN" or "COMMIT" when what failed is the transaction around a file; else "".
    """

    def __init__(self, cause: errors.Error, index: int, stage: str = "") -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.index = index
        self.stage = stage


def run_script(conn: Connection, text: str, stage: str = "") -> None:
    """Send SQL text as it is, in one message of the simple protocol; results are thrown away.

    Args:
        conn: The connection; whether it is in a transaction is the caller's choice.
        text: One or more statements.
        stage: See `ScriptError`.

    Raises:
        ScriptError: a statement failed; the ones after it did not run.
        psycopg.OperationalError: the connection is lost.
    """
    with conn.lock:
        conn.pgconn.send_query(text.encode())
        results = conn.wait(generators.execute(conn.pgconn))
    for index, result in enumerate(results):
        if result.status == pq.ExecStatus.FATAL_ERROR:
            error = errors.error_from_result(result, "utf-8")
            if conn.pgconn.status == pq.ConnStatus.BAD:
                raise error
            raise ScriptError(error, index, stage)
        if result.status in (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT):
            conn.close()
            raise PgerpError(
                "COPY from or to the client cannot be used here",
                hint="Use INSERT, or COPY with a file of the server.",
            )


def describe(
    error: ScriptError,
    sql: str,
    statements: Sequence[Statement],
    where: str,
    message: str | None = None,
    hint: str | None = None,
) -> PgerpError:
    """Turn a failed statement into the user's error, with file, line, statement and SQLSTATE.

    Args:
        error: What `run_script` raised.
        sql: The text that was sent.
        statements: Its statements.
        where: The file's name.
        message: What failed, when it is more than the server's own message.
        hint: The remedy, when it is known better than the server does.
    """
    diag = error.cause.diag
    statement, line = (None, 0) if error.stage else _locate(error, sql, statements)
    said = diag.message_primary or str(error.cause)
    prefix = f"at {error.stage}: " if error.stage else f"{message}: " if message else ""
    details = (diag.message_detail, _context(diag.context))
    hints = (diag.message_hint, hint or _HINTS.get(error.cause.sqlstate or ""))
    return PgerpError(
        prefix + said,
        where=f"{where}:{line}" if line else where,
        statement=shorten(statement.text) if statement else None,
        sqlstate=error.cause.sqlstate,
        detail=_sentences(details),
        hint=_sentences(hints),
    )


def _locate(
    error: ScriptError, sql: str, statements: Sequence[Statement]
) -> tuple[Statement | None, int]:
    """Return the failed statement and line: by the error's position, else by what succeeded."""
    position = error.cause.diag.statement_position
    if position is not None:
        at = int(position) - 1
        found = next((item for item in reversed(statements) if item.offset <= at), None)
        return found, line_at(sql, at)
    if error.index < len(statements):
        return statements[error.index], statements[error.index].line
    return None, 0


def _context(context: str | None) -> str | None:
    """Return where in a function the error was raised: the innermost line of its context."""
    return f"In {context.splitlines()[0]}" if context else None


def _sentences(texts: Sequence[str | None]) -> str | None:
    given = [text if text.endswith((".", "!", "?")) else f"{text}." for text in texts if text]
    return " ".join(given) or None
