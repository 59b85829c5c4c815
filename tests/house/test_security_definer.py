"""A function runs as its owner only where it does what its caller may not."""

from __future__ import annotations

import re

import psycopg
import pytest

# What the catalog does not tell the reason of.
REASONS = {
    "events.count_backlog": "counts what every tenant has, which row security lets none see",
    "events.sender_lags": "reads statistics of the server that clients may not",
    "messaging.count_queue": "counts what every tenant has, which row security lets none see",
    "messaging.tenants_with_work": "tells of every tenant, which row security lets none see",
    "events.tenants_with_work": "tells of every tenant, which row security lets none see",
    "ledger.create_reference_rules": "the same as ledger.set_exchange_rate",
    "ledger.check_journal_entry": "fires at commit, before PostgreSQL 18 as the client",
    "ledger.check_journal_line": "the same",
    "ledger.set_exchange_rate": "enters the tenant, as all that write do; what it calls writes",
    "ledger.watch_account": "knows of budgets that who writes the account may not see",
}

FUNCTIONS = r"""
SELECT
    p.pronamespace::regnamespace || '.' || p.proname,
    regexp_replace(p.prosrc, '--[^\n]*', '', 'g'),
    p.prosecdef
FROM pg_proc AS p
WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'"""

HIDDEN = """
SELECT c.oid::regclass::text FROM pg_class AS c
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
    AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'
    AND NOT has_table_privilege('pgerp_app', c.oid, 'SELECT')"""

# Clients may neither write nor lock rows.
WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+[a-z_]+\.|DELETE\s+FROM|MERGE\s+INTO)"
    r"|\bFOR\s+((NO\s+KEY\s+)?UPDATE|(KEY\s+)?SHARE)\b"
)


def needless(conn: psycopg.Connection) -> set[str]:
    """Return the functions that run as their owner, and do nothing that clients may not do."""
    rows = conn.execute(FUNCTIONS).fetchall()
    bodies = {name: body for name, body, _ in rows}
    hidden = [table for (table,) in conn.execute(HIDDEN)]

    def needs(name: str, seen: set[str]) -> bool:
        seen.add(name)
        words = set(re.findall(r"[a-z_]+\.\w+", bodies[name]))
        return (
            bool(WRITES.search(bodies[name]))
            or not words.isdisjoint(hidden)
            # Whatever runs as the owner by itself is no reason for its caller to.
            or any(
                needs(word, seen)
                for word in words & set(bodies)
                if word not in seen and word not in as_owner
            )
        )

    as_owner = {name for name, _, is_definer in rows if is_definer}
    return {name for name in as_owner if not needs(name, set())}


def test_what_runs_as_its_owner_writes_locks_or_reads_what_clients_may_not(
    db: psycopg.Connection,
) -> None:
    assert needless(db) == set(REASONS)


@pytest.mark.parametrize(
    "function", ["ledger.trial_balance", "identity.enter_tenant", "ledger.account_balance"]
)
def test_a_function_that_needs_not_is_found(db: psycopg.Connection, function: str) -> None:
    db.execute(f"ALTER FUNCTION {function} SECURITY DEFINER")  # type: ignore[arg-type]
    assert needless(db) == {function, *REASONS}
