"""Reading the seals of a tenant, their leaves, and what is there of what they cover.

What is particular to the journal is in pgerp.sealjournal, to the audit log in pgerp.seallog.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.sealcode import Seal
from pgerp.sealfile import FileLeaf
from pgerp.sealreport import TenantResult

CHUNK = 2000
"""How many leaves are read at a time."""

Cursor = psycopg.Cursor[tuple[Any, ...]]
There = TypeVar("There")
"""What a table has of a leaf, if it has anything."""


@dataclass(frozen=True)
class Kind:
    """Of what a chain of seals is.

    Attributes:
        name: What files call it.
        tag: What the hash of each of its seals begins with.
        schema: Where its seals are, with the function `seal` that makes them.
        records: The table with the leaves.
        id_column: The column with the id of what a leaf is of.
        noun: What that is called, in the plural.
        has_contents: Whether a leaf may leave the server with its content.
        of_no_tenant: What the rows of tenant 0 are called, which it has besides tenants' own.
    """

    name: str
    tag: str
    schema: str
    records: str
    id_column: str
    noun: str
    has_contents: bool
    of_no_tenant: str | None = None


@dataclass(frozen=True)
class Record:
    """A leaf in the database.

    Attributes:
        leaf_no: Its place in the seal.
        id: What it is of.
        leaf_hash: The hash that goes into the tree.
        content: What that is the hash of, where the database keeps it.
        more: What else is beside it.
    """

    leaf_no: int
    id: str
    leaf_hash: bytes
    content: str | None = None
    more: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """How something is not as it was sealed: the kind of pgerp.sealreport, and a clause."""

    kind: str
    text: str


class SealRows(ABC, Generic[There]):
    """What one tenant has of one kind, read in one transaction.

    Args:
        cursor: In a transaction of `reading`.
        tenant_id: The tenant.
    """

    kind: Kind
    columns: tuple[str, ...]
    """Expressions of the table of leaves that `_record` takes, after number and id."""

    def __init__(self, cursor: Cursor, tenant_id: int) -> None:
        self.cursor = cursor
        self.tenant_id = tenant_id

    def seals(self) -> list[Seal]:
        """Return the seals by number."""
        query = sql.SQL(
            "SELECT tenant_id, seal_no, first_position, last_position, merkle_root, previous_hash,"
            " seal_hash, complete_before::text, array_to_string(open_transactions, ' '),"
            " sealed_at::text, sealed_by"
            " FROM {}.seals WHERE tenant_id = %s ORDER BY seal_no"
        ).format(sql.Identifier(self.kind.schema))
        return [Seal(*row) for row in self.cursor.execute(query, (self.tenant_id,))]

    def leaf_counts(self) -> dict[int, int]:
        """Return seal number -> how many leaves there are."""
        query = sql.SQL(
            "SELECT seal_no, count(*) FROM {} WHERE tenant_id = %s GROUP BY seal_no"
        ).format(self._records)
        return dict(self.cursor.execute(query, (self.tenant_id,)).fetchall())

    def leaves(self, seal_no: int) -> Iterator[list[Record]]:
        """Yield the leaves of a seal, in order, in chunks."""
        query = self._select(
            "tenant_id = %s AND seal_no = %s AND leaf_no > %s ORDER BY leaf_no LIMIT %s"
        )
        last = -(2**63)
        while True:
            self.cursor.execute(query, (self.tenant_id, seal_no, last, CHUNK))
            leaves = [self._record(*row) for row in self.cursor]
            if not leaves:
                return
            yield leaves
            last = leaves[-1].leaf_no

    def leaves_of(self, ids: Sequence[str]) -> dict[str, Record]:
        """Return id -> its leaf in the database."""
        query = self._select(f"tenant_id = %s AND {self.kind.id_column} = ANY (%s::uuid[])")
        self.cursor.execute(query, (self.tenant_id, list(ids)))
        leaves = [self._record(*row) for row in self.cursor]
        return {leaf.id: leaf for leaf in leaves}

    def stream(self, query: sql.Composed, parameters: Sequence[Any]) -> Iterator[str]:
        """Yield the only column of a query that may have many rows."""
        with self.cursor.connection.cursor("stream", row_factory=tuple_row) as stream:
            for (id,) in stream.execute(query, parameters):
                yield id

    def removed(self) -> Mapping[int, int]:
        """Return seal number -> the year with which its leaves were removed, by the record."""
        return {}

    @abstractmethod
    def there(self, ids: Sequence[str]) -> dict[str, There]:
        """Return id -> what there is of it, for each id."""

    @abstractmethod
    def judge(self, there: There, record: Record | None, leaf: FileLeaf | None) -> Verdict | None:
        """Compare what there is with what was sealed; None if it is the same.

        Args:
            there: What there is.
            record: Its leaf in the database, if there is one.
            leaf: Its leaf in a file, which is to be believed where it is given.
        """

    @abstractmethod
    def misfit(self, record: Record) -> str | None:
        """Say what of a record that is not hashed disagrees with what is."""

    @abstractmethod
    def place(self, there: There) -> tuple[str, str]:
        """Return where something that is there stands in its seal: its instant, its id."""

    @abstractmethod
    def label(self, there: There, content: str | None) -> str:
        """Name something, by what was sealed of it or by what is there."""

    @abstractmethod
    def unsealed(self, complete_before: str | None, seal_nos: Sequence[int]) -> Iterator[str]:
        """Yield the ids of what some seal should cover, and none of the given does.

        Args:
            complete_before: The instant before which everything should be covered; None = not
                known.
            seal_nos: The seals that are trusted.
        """

    @abstractmethod
    def verify_rest(self, result: TenantResult) -> None:
        """Note what else is wrong, and what is to be told, that no seal shows."""

    @abstractmethod
    def _record(self, leaf_no: int, id: str, *more: Any) -> Record: ...

    @property
    def _records(self) -> sql.Identifier:
        return sql.Identifier(self.kind.schema, self.kind.records)

    def _select(self, condition: str) -> sql.Composed:
        return sql.SQL("SELECT leaf_no, {id}::text, {columns} FROM {records} WHERE ").format(
            id=sql.Identifier(self.kind.id_column),
            columns=sql.SQL(", ").join(sql.Identifier(name) for name in self.columns),
            records=self._records,
        ) + sql.SQL(condition)


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
