"""PostgreSQL's errors as the runner tells them: file and line, statement, SQLSTATE, remedy."""

from __future__ import annotations

import psycopg

from pgerp.errors import PgerpError
from pgerp.sqltext import line_at, shorten, split


def explain(
    error: psycopg.Error,
    sql: str,
    where: str,
    *,
    first_line: int = 1,
    hint: str | None = None,
) -> PgerpError:
    """Turn an error that a server raised for some SQL text into one for the user.

    Args:
        error: The error.
        sql: The text that was sent: a statement, or a file of them.
        where: The name of the file that the text is from.
        first_line: The line of the file on which the text begins, counted from 1.
        hint: A remedy of ours, told after the server's own.

    Returns:
        The error to raise, at the line of the server's error position; without a position at the
        text's only statement, else at its first line.
    """
    diag = error.diag
    statements = split(sql, where)
    statement = statements[0] if len(statements) == 1 else None
    offset = statement.offset if statement else 0
    if diag.statement_position:
        offset = min(int(diag.statement_position) - 1, len(sql))
        statement = next((s for s in reversed(statements) if s.offset <= offset), statement)
    parts = [diag.message_detail, diag.context and f"Context: {' '.join(diag.context.split())}"]
    hints = [diag.message_hint, hint]
    return PgerpError(
        (diag.message_primary or str(error)).strip().rstrip("."),
        where=f"{where}:{first_line - 1 + line_at(sql, offset)}",
        statement=shorten(statement.text) if statement else None,
        sqlstate=error.sqlstate,
        detail=" ".join(_sentence(part) for part in parts if part) or None,
        hint=" ".join(_sentence(part) for part in hints if part) or None,
    )


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else text + "."
