"""What databases hold, row by row, without what is made anew each time: keys, times and hashes."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import psycopg

from tests.topology.sites import Site

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

TABLES = """
SELECT
    c.oid::regclass::text,
    ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND a.atttypid IN ('uuid'::regtype, 'timestamptz'::regtype, 'bytea'::regtype)
    )
FROM pg_class AS c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relnamespace = to_regnamespace(%s)
ORDER BY 1"""

# Which stripe a process takes is chance; their sums are compared instead.
BALANCES = """
SELECT a.code, p.code, b.currency_code, sum(b.debit)::text, sum(b.credit)::text
FROM ledger.account_balances AS b
INNER JOIN ledger.accounts AS a ON b.tenant_id = a.tenant_id AND b.account_id = a.id
INNER JOIN ledger.fiscal_periods AS p ON b.tenant_id = p.tenant_id AND b.period_id = p.id
GROUP BY a.code, p.code, b.currency_code"""

# What a service emitted, whoever else has it; but for what the ledger tells a finance that is
# elsewhere, and nobody where it is not.
EMITTED = """
SELECT to_jsonb(e) - '{id, position, source_service, occurred_at, correlation_id}'::text[]
    || jsonb_build_object('caused', e.causation_id IS NOT NULL)
FROM events.event_store AS e
WHERE e.source_service = (SELECT s.service FROM events.settings AS s)
    AND e.aggregate_type NOT IN ('account', 'journal_entry')"""
HEADS = """
SELECT to_jsonb(h) FROM events.stream_heads AS h
WHERE h.aggregate_type NOT IN ('account', 'journal_entry')"""
DONE = "SELECT to_jsonb(d) - '{event_id, processed_at}'::text[] FROM events.processed_events AS d"

HOME = {"identity": "ledger"}
"""Where the first rows of what all databases have are made."""

# No service of the topology has these modules.
PERMISSIONS = """SELECT to_jsonb(p) FROM identity.permissions AS p
WHERE p.module NOT IN ('party', 'messaging', 'lending')"""

APART = {"ledger.account_balances": BALANCES, "identity.permissions": PERMISSIONS}
"""Tables that are not compared as they are -> what is."""

Rows = Counter[str]


def contents(site: Site, module: str) -> dict[str, Rows]:
    """Return the rows of every table of a module that has any, by APART or as they are."""
    conn = site.at(HOME.get(module, module))
    found = {}
    for table, volatile in conn.execute(TABLES, [module]).fetchall():
        if table not in APART:
            found[table] = _rows(
                conn, f"SELECT to_jsonb(t) - %s::text[] FROM {table} AS t", [volatile]
            )
    found |= {
        table: _rows(conn, query)
        for table, query in APART.items()
        if table.startswith(f"{module}.")
    }
    return {table: rows for table, rows in found.items() if rows}


def events(site: Site, modules: list[str]) -> dict[str, Rows]:
    """Return what was emitted in the databases of some modules, and acted upon, together."""
    found: dict[str, Rows] = {"emitted": Counter(), "heads": Counter(), "done": Counter()}
    for conn in {id(conn): conn for conn in map(site.at, modules)}.values():
        found["emitted"] += _rows(conn, EMITTED)
        found["heads"] += _rows(conn, HEADS)
        found["done"] += _rows(conn, DONE)
    return found


def _rows(conn: psycopg.Connection, query: str, arguments: list[Any] | None = None) -> Rows:
    rows = conn.execute(query, arguments).fetchall()  # type: ignore[call-overload]
    return Counter(UUID.sub("<id>", str(row)) for row in rows)
