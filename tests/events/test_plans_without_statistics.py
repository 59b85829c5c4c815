"""A worker finds what is due by keys, whatever statistics say of a table that fills in a moment."""

from __future__ import annotations

import psycopg
import pytest

from tests.events.support import open_shop, work
from tests.ledger.books import Books
from tests.pgtap import value

BACKLOG = 3000
ARRIVE = """
INSERT INTO events.event_store (
    tenant_id, id, source_service, event_type, aggregate_type, aggregate_id, aggregate_version,
    payload, occurred_at, actor, correlation_id
)
SELECT %(tenant)s, core.uuid_v7(), 'shop', 'shop.sold', 'sale',
    %(streams)s || '-' || n %% %(streams)s, 1 + n / %(streams)s, '{}', now(), 'bob', 'r'
FROM generate_series(0, %(backlog)s - 1) AS n"""
READ = """
SELECT pg_stat_get_xact_tuples_returned(c.oid) AS read
FROM pg_class AS c
WHERE c.relnamespace = 'events'::regnamespace AND c.relkind IN ('i', 'r')
    AND c.relname ~ '^(pending|event_store)'
ORDER BY 1 DESC
LIMIT 1"""


@pytest.fixture
def shop(db: psycopg.Connection) -> Books:
    return open_shop(db)


def arrive(db: psycopg.Connection, shop: Books, streams: int, backlog: int) -> None:
    db.execute("SET session_replication_role = replica")
    db.execute(ARRIVE, {"tenant": shop.tenant_id, "streams": streams, "backlog": backlog})
    db.execute("SET session_replication_role = origin")


@pytest.mark.parametrize("known", [0, 30])
@pytest.mark.parametrize("streams", [BACKLOG, 100])
def test_a_worker_reads_the_few_rows_that_it_takes(
    db: psycopg.Connection, shop: Books, streams: int, known: int
) -> None:
    """Each of 3,000 was read for each of 50; and the whole store, for one with a predecessor.

    Statistics know of few rows, or none, and plans were made by them.
    """
    arrive(db, shop, known or 1, known)
    db.execute("ANALYZE events.pending, events.event_store, events.processed_events")
    for _ in range(known + 1):
        work(db, shop)
    arrive(db, shop, streams, BACKLOG)
    before = value(db, READ)
    assert work(db, shop) == (50, 0, 0)
    assert work(db, shop) == (50, 0, 0)
    read = value(db, READ) - before
    assert read < 1000, read
