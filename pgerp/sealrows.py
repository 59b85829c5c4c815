"""Reading what seals cover: the seals, their leaves, and the entries as they are in the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.sealcode import HEADER, LINE, REVERSAL, Seal, entry_content

CHUNK = 2000
"""How many entries are read at a time."""

Cursor = psycopg.Cursor[tuple[Any, ...]]


@dataclass(frozen=True)
class Leaf:
    """A row of ledger.sealed_entries."""

    leaf_no: int
    entry_id: str
    business_id: int
    content: str


@dataclass
class Found:
    """An entry in the journal, or what is left of it.

    Attributes:
        headers: Its header in each place where it is, as text: status, HEADER, REVERSAL. One, if
            all is well; none, if it was deleted.
        lines: Its lines, LINE as text, by number.
    """

    headers: list[tuple[str | None, ...]] = field(default_factory=list)
    lines: list[tuple[str | None, ...]] = field(default_factory=list)

    @property
    def content(self) -> str:
        """Its encoding; of the first header, where there are several."""
        head = self.headers[0][1:]
        return entry_content(head[: len(HEADER)], head[len(HEADER) :], self.lines)

    @property
    def named(self) -> dict[str, str | None]:
        """The columns of its header by name."""
        return dict(zip(HEADER, self.headers[0][1:], strict=False))


class SealRows:
    """The rows of one tenant, read in one transaction.

    Args:
        cursor: In a transaction of `reading`.
        tenant_id: The tenant.
    """

    def __init__(self, cursor: Cursor, tenant_id: int) -> None:
        self._cursor = cursor
        self.tenant_id = tenant_id
        row = cursor.execute("SELECT to_regclass('ledger_archive.journal_entries')").fetchone()
        self._schemas = ["ledger", "ledger_archive"] if row and row[0] else ["ledger"]

    def seals(self) -> list[Seal]:
        """Return the seals by number."""
        self._cursor.execute(
            "SELECT tenant_id, seal_no, first_position, last_position, merkle_root, previous_hash,"
            " seal_hash, complete_before::text, array_to_string(open_transactions, ' '),"
            " sealed_at::text, sealed_by"
            " FROM ledger.seals WHERE tenant_id = %s ORDER BY seal_no",
            (self.tenant_id,),
        )
        return [Seal(*row) for row in self._cursor]

    def leaf_counts(self) -> dict[int, int]:
        """Return seal number -> how many leaves there are."""
        self._cursor.execute(
            "SELECT seal_no, count(*) FROM ledger.sealed_entries WHERE tenant_id = %s"
            " GROUP BY seal_no",
            (self.tenant_id,),
        )
        return dict(self._cursor.fetchall())

    def leaves(self, seal_no: int) -> Iterator[list[Leaf]]:
        """Yield the leaves of a seal, in order, in chunks."""
        last = -(2**63)
        while True:
            self._cursor.execute(
                "SELECT leaf_no, entry_id::text, business_id, content FROM ledger.sealed_entries"
                " WHERE tenant_id = %s AND seal_no = %s AND leaf_no > %s ORDER BY leaf_no LIMIT %s",
                (self.tenant_id, seal_no, last, CHUNK),
            )
            leaves = [Leaf(*row) for row in self._cursor]
            if not leaves:
                return
            yield leaves
            last = leaves[-1].leaf_no

    def contents(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return entry id -> content as the seals have it."""
        self._cursor.execute(
            "SELECT entry_id::text, content FROM ledger.sealed_entries"
            " WHERE tenant_id = %s AND entry_id = ANY (%s::uuid[])",
            (self.tenant_id, list(entry_ids)),
        )
        return dict(self._cursor.fetchall())

    def entries(self, entry_ids: Sequence[str]) -> dict[str, Found]:
        """Return entry id -> what the journal and its archive have of it."""
        found: dict[str, Found] = {id: Found() for id in entry_ids}
        for schema in self._schemas:
            head = sql.SQL(
                "SELECT e.id::text, e.status::text, {columns}, {reversal}"
                " FROM {entries} AS e LEFT JOIN ledger.reversals AS r"
                " ON r.tenant_id = e.tenant_id AND r.reversal_id = e.id"
                " WHERE e.tenant_id = %s AND e.id = ANY (%s::uuid[])"
            ).format(
                columns=_columns("e", HEADER),
                reversal=_columns("r", REVERSAL),
                entries=sql.Identifier(schema, "journal_entries"),
            )
            for id, *header in self._cursor.execute(head, (self.tenant_id, list(entry_ids))):
                found[id].headers.append(tuple(header))
            body = sql.SQL(
                "SELECT l.entry_id::text, {columns} FROM {lines} AS l"
                " WHERE l.tenant_id = %s AND l.entry_id = ANY (%s::uuid[]) ORDER BY l.line_no"
            ).format(columns=_columns("l", LINE), lines=sql.Identifier(schema, "journal_lines"))
            for id, *line in self._cursor.execute(body, (self.tenant_id, list(entry_ids))):
                found[id].lines.append(tuple(line))
        return found

    def unsealed(self, complete_before: str | None, seal_nos: Sequence[int]) -> Iterator[str]:
        """Yield the ids of entries that some seal should cover, and none of the given does.

        Args:
            complete_before: Everything posted before this instant should be covered, and the
                whole archive; None = only the archive.
            seal_nos: The seals that are trusted.
        """
        for schema in self._schemas:
            query = sql.SQL(
                "SELECT e.id::text FROM {entries} AS e WHERE e.tenant_id = %s AND {posted}"
                " AND NOT EXISTS (SELECT FROM ledger.sealed_entries AS s"
                " WHERE s.tenant_id = e.tenant_id AND s.entry_id = e.id"
                " AND s.seal_no = ANY (%s::bigint[]))"
            ).format(
                entries=sql.Identifier(schema, "journal_entries"),
                posted=sql.SQL("e.posted_at < {}").format(sql.Literal(complete_before))
                if schema == "ledger"
                else sql.SQL("e.posted_at IS NOT NULL"),
            )
            with self._cursor.connection.cursor("unsealed", row_factory=tuple_row) as stream:
                for (id,) in stream.execute(query, (self.tenant_id, list(seal_nos))):
                    yield id

    def headless(self) -> list[str]:
        """Return the ids of entries of which there are lines but no header."""
        entries, lines = (
            sql.SQL(" UNION ALL ").join(
                sql.SQL("SELECT tenant_id, {} AS id FROM {}").format(
                    sql.Identifier(key), sql.Identifier(schema, table)
                )
                for schema in self._schemas
            )
            for key, table in (("id", "journal_entries"), ("entry_id", "journal_lines"))
        )
        query = sql.SQL(
            "SELECT DISTINCT l.id::text FROM ({lines}) AS l WHERE l.tenant_id = %s AND NOT EXISTS"
            " (SELECT FROM ({entries}) AS e WHERE e.tenant_id = %s AND e.id = l.id)"
        ).format(lines=lines, entries=entries)
        self._cursor.execute(query, (self.tenant_id, self.tenant_id))
        return [id for (id,) in self._cursor]


def _columns(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(alias, name)) for name in names
    )


@contextmanager
def reading(connection: psycopg.Connection[Any], *, all_rows: bool) -> Iterator[Cursor]:
    """Open a read-only transaction of one snapshot in which times are written as seals need it.

    Args:
        connection: In autocommit mode; a standby will do.
        all_rows: A role that row security applies to is refused instead of answered from only
            the rows that it may see.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
        if all_rows:
            cursor.execute("SET LOCAL row_security = off")
        yield cursor
