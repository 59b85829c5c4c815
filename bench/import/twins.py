"""The rows of an import, copied into twins of the ledger's tables: bare ones, and constrained ones.

Bare: the same columns and indexes, nothing else. Constrained: the same partitions, CHECKs and
foreign keys as well, but no trigger, no row security, no balances, no proof: what PostgreSQL itself
asks for rows in tables like the ledger's, and so the floor of every way into them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg

from pgerp.db import connect

HEADERS, LINES, KEYS = "journal_entries", "journal_lines", "idempotency_keys"
_ID = {HEADERS: "id", LINES: "entry_id", KEYS: "entry_id"}
_CHUNK = 1 << 20


class Rows:
    """The rows of the three tables in files, in as many parts as there are sessions to copy them.

    An entry, its lines and its key are in one part.

    Args:
        conn: A connection to the database that has them.
        folder: Where the files go.
        parts: How many.
    """

    def __init__(self, conn: psycopg.Connection, folder: Path, parts: int) -> None:
        self.parts = parts
        self._folder = folder
        found = conn.execute(
            """SELECT e.id
            FROM (
                SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
                FROM ledger.journal_entries
            ) AS e
            WHERE e.place IN (
                SELECT e.total * n / %(parts)s FROM generate_series(0, %(parts)s - 1) AS n
            )
            ORDER BY e.id""",
            {"parts": parts},
        ).fetchall()
        bounds = [str(bound) for (bound,) in found] + ["ffffffff-ffff-ffff-ffff-ffffffffffff"]
        for table, key in _ID.items():
            for part in range(parts):
                query = (
                    f"COPY (SELECT * FROM ledger.{table} WHERE {key} >= '{bounds[part]}'"
                    f" AND {key} < '{bounds[part + 1]}' ORDER BY {key}) TO STDOUT"
                )
                with (
                    self.file(table, part).open("wb") as file,
                    conn.cursor().copy(query.encode()) as copy,
                ):
                    for block in copy:
                        file.write(block)

    def file(self, table: str, part: int) -> Path:
        """Return the file of one part of a table's rows."""
        return self._folder / f"{table}.{part}"


@contextmanager
def bare_tables(conn: psycopg.Connection) -> Iterator[str]:
    """Make bare twins; yield their schema; drop them."""
    conn.execute("CREATE SCHEMA twins")
    for table in _ID:
        conn.execute(
            f"CREATE TABLE twins.{table}"
            f" (LIKE ledger.{table} INCLUDING INDEXES INCLUDING DEFAULTS)".encode()
        )
    yield "twins"
    _drop(conn)


@contextmanager
def constrained_tables(conn: psycopg.Connection) -> Iterator[str]:
    """Make twins with partitions, CHECKs and foreign keys; yield their schema; drop them."""
    conn.execute("CREATE SCHEMA twins")
    for table, key in _ID.items():
        split = f" PARTITION BY RANGE ({key})" if table != KEYS else ""
        conn.execute(
            f"CREATE TABLE twins.{table} (LIKE ledger.{table} INCLUDING INDEXES INCLUDING DEFAULTS"
            f" INCLUDING CONSTRAINTS){split}".encode()
        )
        for name, bounds in conn.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i"
            " INNER JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
            [f"ledger.{table}"],
        ).fetchall():
            conn.execute(f"CREATE TABLE twins.{name} PARTITION OF twins.{table} {bounds}".encode())
    for table in _ID:
        for name, definition in conn.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conparentid = 0 AND conrelid = %s::regclass",
            [f"ledger.{table}"],
        ).fetchall():
            target = definition.replace(f"ledger.{HEADERS}", f"twins.{HEADERS}")
            conn.execute(f"ALTER TABLE twins.{table} ADD CONSTRAINT {name} {target}".encode())
    yield "twins"
    _drop(conn)


def _drop(conn: psycopg.Connection) -> None:
    conn.execute("SET client_min_messages = warning")
    conn.execute("DROP SCHEMA twins CASCADE")


def copy_rows(
    url: str, schema: str, rows: Rows, tables: Sequence[str], parts: Sequence[Sequence[int]]
) -> float:
    """COPY rows into the tables of a schema; return seconds, commits included.

    Args:
        url: The database.
        schema: Where the tables are.
        rows: The rows.
        tables: The tables, in the order of copying.
        parts: For each session the parts that it copies, in one transaction.
    """

    def session(mine: Sequence[int]) -> None:
        with connect(url) as conn, conn.transaction():
            # As pgerp does it: the look of a line's key for its entry is not planned for each line.
            conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            for table in tables:
                for part in mine:
                    _copy(conn, f"{schema}.{table}", rows.file(table, part))

    started = time.perf_counter()
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(session, parts))
    return time.perf_counter() - started


def _copy(conn: psycopg.Connection, table: str, source: Path) -> None:
    with source.open("rb") as file, conn.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
        while block := file.read(_CHUNK):
            copy.write(block)
