"""Rows of identity after a restore: those of the home are the truth, unless it was restored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from pgerp.history import Connection
from pgerp.services.replicate import landing
from pgerp.services.routes import IDENTITY_TABLES
from pgerp.services.topology import Service, open_service

_SHAPE = """
SELECT
    array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
    array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attnum = ANY (k.conkey))
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped"""

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class _Table:
    """A table of identity: its name, the columns that are written, its key."""

    name: str
    columns: Sequence[str]
    key: Sequence[str]

    def read(self, conn: Connection) -> dict[Key, Row]:
        """Return its rows by their keys."""
        query = sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(self._sql)
        with conn.cursor(row_factory=tuple_row) as cursor:
            rows = [row for (row,) in cursor.execute(query)]
        return {tuple(row[name] for name in self.key): row for row in rows}

    def write(self, conn: Connection, gone: Iterable[Row], put: Iterable[Row]) -> None:
        """Delete some rows, by their keys, and then insert some."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        same = [sql.SQL("t.{0} = r.{0}").format(sql.Identifier(name)) for name in self.key]
        rows = sql.SQL("jsonb_populate_recordset(NULL::{}, %s) AS r").format(self._sql)
        conn.execute(
            sql.SQL("DELETE FROM {} AS t USING {} WHERE {}").format(
                self._sql, rows, sql.SQL(" AND ").join(same)
            ),
            [Jsonb(list(gone))],
        )
        conn.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                self._sql, columns, columns, rows
            ),
            [Jsonb(list(put))],
        )

    @property
    def _sql(self) -> sql.Identifier:
        return sql.Identifier("identity", self.name)


def _tables(conn: Connection) -> list[_Table]:
    found = []
    with conn.cursor(row_factory=tuple_row) as cursor:
        for name in IDENTITY_TABLES:
            row = cursor.execute(_SHAPE, [f"identity.{name}"]).fetchone()
            assert row is not None
            found.append(_Table(name, *row))
    return found


def copy(source: Connection, destination: Service) -> Iterator[str]:
    """Make the rows of a destination those that a session on the home sees.

    Args:
        source: The session.
        destination: The service whose database gets them.

    Yields:
        A sentence for each table that differed.
    """
    with closing(open_service(destination)) as conn, landing(conn):
        for table in _tables(conn):
            wanted, there = table.read(source), table.read(conn)
            gone = [row for key, row in there.items() if wanted.get(key) != row]
            put = [row for key, row in wanted.items() if there.get(key) != row]
            if gone or put:
                table.write(conn, gone, put)
                yield f"identity.{table.name}: {len(put)} rows brought, {len(gone)} taken away"


def bring_back(home: Service, others: Sequence[Service]) -> Iterator[str]:
    """Give the home, which was restored, what the others have and it lacks, or has older.

    What only the home has stays: whether it was deleted since the backup nobody knows.

    Args:
        home: The service whose tenants and users all others receive.
        others: The others.

    Yields:
        A sentence for each table that differed.
    """
    newest: dict[str, dict[Key, Row]] = {name: {} for name in IDENTITY_TABLES}
    for other in others:
        with closing(open_service(other)) as conn:
            for table in _tables(conn):
                known = newest[table.name]
                for key, row in table.read(conn).items():
                    if key not in known or _age(row) > _age(known[key]):
                        known[key] = row
    with closing(open_service(home)) as conn, landing(conn):
        for table in _tables(conn):
            there, known = table.read(conn), newest[table.name]
            put = [
                row
                for key, row in known.items()
                if key not in there or _age(row) > _age(there[key])
            ]
            table.write(conn, put, put)
            if put:
                yield f"identity.{table.name}: {len(put)} rows brought back"
            if kept := len(there.keys() - known.keys()):
                yield (
                    f"identity.{table.name}: {kept} rows that no other service has stay; look"
                    " whether they had been deleted since the backup"
                )
        _raise_counters(conn)


def _age(row: Row) -> datetime:
    """Return when a row was changed last; tables without such a column have rows that never are."""
    stamp = row.get("last_modified_at") or row.get("created_at")
    return datetime.fromisoformat(stamp) if stamp else datetime.min


def _raise_counters(conn: Connection) -> None:
    """Let numbers of tenants and businesses go on after those that came back."""
    conn.execute(
        "SELECT pg_catalog.setval('identity.tenants_id_seq', greatest(max(id), (SELECT last_value"
        " FROM identity.tenants_id_seq))) FROM identity.tenants HAVING count(*) > 0"
    )
    conn.execute(
        "INSERT INTO core.document_counters AS c (tenant_id, business_id, series, last_number)"
        " SELECT tenant_id, 0, 'business', max(id) FROM identity.businesses GROUP BY tenant_id"
        " ON CONFLICT (tenant_id, business_id, series)"
        " DO UPDATE SET last_number = greatest(c.last_number, excluded.last_number)"
    )
