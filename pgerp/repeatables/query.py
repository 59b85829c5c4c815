"""Reading rows as tuples, whatever the connection's own row factory is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.rows import tuple_row


def rows(
    conn: psycopg.Connection[Any],
    query: LiteralString,
    params: Sequence[Any] | Mapping[str, Any] | None = None,
) -> list[tuple[Any, ...]]:
    """Return all rows of a query as tuples."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, params).fetchall()
