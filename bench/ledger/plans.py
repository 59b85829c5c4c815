"""What a call reads, by the server's own counters: EXPLAIN does not look into functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

_COUNTERS = rb"""
SELECT
    coalesce(p.relname, c.relname)::text,
    c.relkind::text,
    pg_stat_get_xact_numscans(c.oid) AS scans,
    pg_stat_get_xact_tuples_returned(c.oid) AS tuples
FROM pg_class AS c
LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
LEFT JOIN pg_class AS p ON p.oid = i.inhparent
WHERE c.relnamespace IN (
        'ledger'::regnamespace, 'ledger_archive'::regnamespace, 'identity'::regnamespace
    )
    AND c.relkind IN ('r', 'i')
    AND pg_stat_get_xact_numscans(c.oid) > 0
"""
# Keys of a few rows, read by every call.
_LOOKUPS = {"businesses", "signing_keys", "accounts", "account_types", "fiscal_periods", "tenants"}


@dataclass(frozen=True)
class Reads:
    """What one call read.

    Attributes:
        buffers: Pages of 8 kB, found in the server's memory or not.
        sequential: Tables that were read from end to end, with the rows read.
        indexes: Indexes of the journal and the balances, with scans and entries read.
    """

    buffers: int
    sequential: dict[str, int]
    indexes: dict[str, tuple[int, int]]

    def text(self) -> str:
        """Return it in a line."""
        parts = [
            f"{name} {rows:,} entries in {scans:,} scans"
            for name, (scans, rows) in self.indexes.items()
        ]
        parts += [
            f"{name} from end to end, {rows:,} rows" for name, rows in self.sequential.items()
        ]
        return f"{self.buffers:,} pages; " + ("; ".join(parts) or "no index of the journal")


def entry_reads(conn: psycopg.Connection, entry: bytes, calls: int = 20) -> dict[str, int]:
    """Post an entry in a session that has planned, its checks at commit included.

    Args:
        conn: A client's session.
        entry: The statement.
        calls: How often it is called before it counts; a cached plan comes after five.

    Returns:
        Rows or index entries read, by table or index, what was read most first.
    """
    for _ in range(calls):
        conn.execute(entry, prepare=True)
    # The counters go on from one transaction to the next until they are handed over.
    conn.execute(b"SELECT pg_stat_force_next_flush()")
    with conn.transaction():
        conn.execute(entry, prepare=True)
        conn.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
        counters = conn.execute(_COUNTERS).fetchall()
    found: dict[str, int] = {}
    for name, kind, _, tuples in counters:
        what = f"{name} from end to end" if kind == "r" else name
        found[what] = found.get(what, 0) + tuples
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def reads(conn: psycopg.Connection, query: bytes, params: dict[str, Any]) -> Reads:
    """Make the call once in a transaction of its own and return what it read."""
    # The counters go on from one transaction to the next until they are handed over.
    conn.execute(b"SELECT pg_stat_force_next_flush()")
    with conn.transaction():
        row = conn.execute(b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query, params).fetchone()
        counters = conn.execute(_COUNTERS).fetchall()
    assert row is not None
    plan = row[0][0]["Plan"]
    sequential: dict[str, int] = {}
    indexes: dict[str, tuple[int, int]] = {}
    for name, kind, scans, tuples in counters:
        if kind == "r" and name not in _LOOKUPS and tuples > 0:
            sequential[name] = sequential.get(name, 0) + tuples
        elif kind == "i" and name.startswith(("journal", "account_balances")):
            before = indexes.get(name, (0, 0))
            indexes[name] = (before[0] + scans, before[1] + tuples)
    return Reads(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], sequential, indexes)
