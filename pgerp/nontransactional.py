"""Statements that PostgreSQL refuses in a transaction, and how each is taken up after a failure.

Such a file holds one statement. Its row is committed as `running` first, then the statement runs,
then the row becomes `applied`. When the runner or the server dies in between, the next `up` looks
at the catalog to see how far the statement came:

    CREATE INDEX CONCURRENTLY      valid index: done; invalid: dropped and built again; none: run
    DROP INDEX CONCURRENTLY        index gone: done; otherwise run again
    REINDEX … CONCURRENTLY         its invalid _ccnew and _ccold copies are dropped, then run again
    ALTER TABLE … DETACH PARTITION … CONCURRENTLY
                                   detached: done; pending: FINALIZE; otherwise run again
    ALTER TYPE … ADD VALUE         label there: done; otherwise run
    VACUUM, ANALYZE, CLUSTER, CHECKPOINT, ALTER SYSTEM, REFRESH MATERIALIZED VIEW
                                   run again: twice does no harm
    anything else                  an error: a person looks, and says so with `pgerp repair`
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.migrations import Migration

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_QUALIFIED = rf"{_NAME}(?:\.{_NAME})?"
_CREATE_INDEX = re.compile(
    rf"create\s+(?:unique\s+)?index\s+concurrently\s+(?P<if>if\s+not\s+exists\s+)?"
    rf"(?:(?!on\b)(?P<index>{_NAME})\s+)?on\s+(?:only\s+)?(?P<table>{_QUALIFIED})",
    re.IGNORECASE,
)
_DROP_INDEX = re.compile(
    rf"drop\s+index\s+concurrently\s+(?:if\s+exists\s+)?(?P<index>{_QUALIFIED})", re.IGNORECASE
)
_REINDEX = re.compile(
    rf"reindex\s+(?:\([^)]*\)\s*)?(?P<kind>index|table|schema)\s+(?:concurrently\s+)?"
    rf"(?P<name>{_QUALIFIED})",
    re.IGNORECASE,
)
_DETACH = re.compile(
    rf"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<parent>{_QUALIFIED})\s+"
    rf"detach\s+partition\s+(?P<partition>{_QUALIFIED})\s+concurrently",
    re.IGNORECASE,
)
_ADD_VALUE = re.compile(
    rf"alter\s+type\s+(?P<type>{_QUALIFIED})\s+add\s+value\s+(?P<if>if\s+not\s+exists\s+)?"
    r"'(?P<label>(?:[^']|'')+)'",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"(?:vacuum|analyze|cluster|checkpoint|alter\s+system|refresh\s+materialized\s+view)\b",
    re.IGNORECASE,
)
_BLOCKS_NOBODY = re.compile(
    r"(?:create\s+(?:unique\s+)?index|drop\s+index|reindex\b.*?)\s+concurrently\b"
    r"|vacuum\b(?!.*\bfull\b)|analyze\b",
    re.IGNORECASE | re.DOTALL,
)

_INVALID_COPIES = """
SELECT format('%%I.%%I', n.nspname, c.relname)
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relname ~ '_cc(?:new|old)[0-9]*$' AND CASE %(kind)s
    WHEN 'schema' THEN n.oid = to_regnamespace(%(name)s)
    WHEN 'table' THEN i.indrelid = to_regclass(%(name)s)
    ELSE i.indrelid = (SELECT o.indrelid FROM pg_index AS o
        WHERE o.indexrelid = to_regclass(%(name)s))
END
"""


@dataclass(frozen=True)
class Progress:
    """How far a statement came.

    Attributes:
        state: "absent" = it did nothing yet; "partial" = it left something that `before` removes
            or `instead` completes; "done" = it is complete; "unknown" = nobody can tell.
        before: Statements to run before it is run again.
        instead: The statement to run in its place.
        leftover: What it left, for messages.
    """

    state: Literal["absent", "partial", "done", "unknown"]
    before: tuple[str, ...] = ()
    instead: str | None = None
    leftover: str | None = None


def is_known(statement: str) -> bool:
    """Tell whether `inspect` can find out how far this statement came."""
    patterns = (_CREATE_INDEX, _DROP_INDEX, _REINDEX, _DETACH, _ADD_VALUE, _HARMLESS)
    return any(pattern.match(statement) for pattern in patterns)


def blocks_nobody(statement: str) -> bool:
    """Tell whether it may wait for locks without end: it never makes readers or writers wait."""
    return bool(_BLOCKS_NOBODY.match(statement))


def check(migration: Migration) -> str:
    """Return the file's only statement.

    Raises:
        PgerpError: see `Migration.statements`; or an index without a name, which could not be
            found again after a failure.
    """
    statement = migration.statements[0]
    found = _CREATE_INDEX.match(statement.text)
    if found and not found["index"]:
        raise PgerpError(
            "the index has no name",
            where=f"{migration.where}:{statement.line}",
            statement=statement.text,
            hint="Name it: after a failure it must be found again.",
        )
    return statement.text


def refuse_existing(conn: Connection, migration: Migration, statement: str) -> None:
    """Refuse to begin when what the statement makes is there already, valid or not.

    Raises:
        PgerpError: it is, and the statement does not say IF NOT EXISTS.
    """
    found = _CREATE_INDEX.match(statement) or _ADD_VALUE.match(statement)
    progress = inspect(conn, statement) if found else Progress("absent")
    if found and progress.state != "absent" and not (found["if"] and progress.state == "done"):
        name = found.groupdict().get("index") or found.groupdict()["label"]
        raise PgerpError(
            f"{name} exists already" + (", but is invalid" if progress.state == "partial" else ""),
            where=f"{migration.where}:{migration.statements[0].line}",
            statement=statement,
            sqlstate="42710",
            hint="Nothing was done. Compare it with the file, and drop it or mark the migration"
            " with pgerp baseline.",
        )


def inspect(conn: Connection, statement: str) -> Progress:
    """Look at the catalog to see how far a statement came that may have been cut short."""
    finders: tuple[tuple[re.Pattern[str], Callable[..., Progress]], ...] = (
        (_CREATE_INDEX, _created_index),
        (_DROP_INDEX, _dropped_index),
        (_REINDEX, _reindexed),
        (_DETACH, _detached),
        (_ADD_VALUE, _added_value),
        (_HARMLESS, lambda _conn, _found: Progress("absent")),
    )
    for pattern, finder in finders:
        if found := pattern.match(statement):
            return finder(conn, found)
    return Progress("unknown")


def _rows(conn: Connection, query: str, **values: str) -> list[tuple[str, ...]]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def _created_index(conn: Connection, found: re.Match[str]) -> Progress:
    rows = _rows(
        conn,
        "SELECT i.indisvalid, format('%%I.%%I', c.relnamespace::regnamespace::name, c.relname)"
        " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = to_regclass(%(table)s) AND c.relname = (parse_ident(%(index)s))[1]",
        table=found["table"],
        index=found["index"] or '""',
    )
    if not rows:
        return Progress("absent")
    valid, name = rows[0]
    if valid:
        return Progress("done")
    return Progress(
        "partial", before=(f"DROP INDEX CONCURRENTLY {name}",), leftover=f"the invalid index {name}"
    )


def _dropped_index(conn: Connection, found: re.Match[str]) -> Progress:
    rows = _rows(conn, "SELECT to_regclass(%(index)s)::text", index=found["index"])
    return Progress("absent" if rows[0][0] else "done")


def _reindexed(conn: Connection, found: re.Match[str]) -> Progress:
    rows = _rows(conn, _INVALID_COPIES, kind=found["kind"].lower(), name=found["name"])
    if not rows:
        return Progress("absent")
    return Progress(
        "partial",
        before=tuple(f"DROP INDEX CONCURRENTLY {name}" for (name,) in rows),
        leftover="the invalid copies " + ", ".join(name for (name,) in rows),
    )


def _detached(conn: Connection, found: re.Match[str]) -> Progress:
    rows = _rows(
        conn,
        "SELECT inhdetachpending FROM pg_inherits"
        " WHERE inhparent = to_regclass(%(parent)s) AND inhrelid = to_regclass(%(partition)s)",
        parent=found["parent"],
        partition=found["partition"],
    )
    if not rows:
        return Progress("done")
    if not rows[0][0]:
        return Progress("absent")
    names = f"{found['parent']} DETACH PARTITION {found['partition']}"
    return Progress(
        "partial", instead=f"ALTER TABLE {names} FINALIZE", leftover="the partition half detached"
    )


def _added_value(conn: Connection, found: re.Match[str]) -> Progress:
    rows = _rows(
        conn,
        "SELECT enumlabel FROM pg_enum"
        " WHERE enumtypid = to_regtype(%(type)s) AND enumlabel = %(label)s",
        type=found["type"],
        label=found["label"].replace("''", "'"),
    )
    return Progress("done" if rows else "absent")
