"""Making databases whole again after one was restored from a backup: what others have comes back.

Every event is in the store of who emitted it and of who hears of it. A database that lost its last
hours gets what others sent it from their stores, and what it emitted itself from theirs. Nothing is
written twice: stores are compared by ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.history import Connection
from pgerp.services import replicate
from pgerp.services.replicate import EVENT_COLUMNS, Feed
from pgerp.services.routes import Routes
from pgerp.services.setup import open_service
from pgerp.services.topology import Service, Topology

_BATCH = 5_000


def resync(
    topology: Topology, service: Service, routes: Routes, *, say: Callable[[str], None]
) -> int:
    """Make one service's database whole, and the others' with what only it has.

    Args:
        topology: The services.
        service: Whose database was restored, or missed something.
        routes: Who has to hear of what.
        say: Called with one line for each thing done.

    Returns:
        How many events were brought.
    """
    brought = 0
    for feed in replicate.feeds(topology, routes):
        if service.name not in (feed.source.name, feed.destination.name):
            continue
        if renew(feed):
            say(f"{feed.destination.name}: subscribed anew to {feed.source.name}")
    for (source_name, destination_name), aggregates in routes.items():
        if service.name not in (source_name, destination_name):
            continue
        source = topology.services[source_name]
        destination = topology.services[destination_name]
        for giver, taker in ((source, destination), (destination, source)):
            count = _bring(giver, taker, source_name, sorted(aggregates))
            brought += count
            if count:
                say(f"{taker.name}: {count} events brought from {giver.name}")
    with closing(open_service(service)) as conn:
        _raise_heads(conn, service)
        with conn.cursor(row_factory=tuple_row) as cursor:
            tenants = cursor.execute("SELECT id FROM identity.tenants ORDER BY id").fetchall()
            for (tenant_id,) in tenants:
                row = cursor.execute("SELECT events.repair(%s)", [tenant_id]).fetchone()
                if row and row[0]:
                    say(f"{service.name}: {row[0]} events wait for their handlers again")
    return brought


def renew(feed: Feed) -> bool:
    """Make a subscription anew whose slot, or which itself, is gone; return whether it was."""
    with closing(open_service(feed.source)) as source, source.cursor(row_factory=tuple_row) as c:
        slot = c.execute(
            "SELECT wal_status FROM pg_catalog.pg_replication_slots WHERE slot_name = %s"
            " AND database = current_database()",
            [feed.name],
        ).fetchone()
    with closing(open_service(feed.destination)) as conn:
        there = conn.execute(
            "SELECT FROM pg_catalog.pg_subscription AS s INNER JOIN pg_catalog.pg_database AS d"
            " ON d.oid = s.subdbid WHERE d.datname = current_database() AND s.subname = %s",
            [feed.name],
        ).fetchall()
        if slot and slot[0] != "lost" and there:
            return False
        replicate.unsubscribe([feed.name], conn)
    with closing(open_service(feed.source)) as source:
        # A slot that was left over knows nothing of what the restored database has.
        replicate.drop_slot(source, feed.name)
    # Rows are brought by comparison: a copy would meet those that are there.
    replicate.subscribe(feed, open_service, copy=False)
    return True


def _bring(giver: Service, taker: Service, emitter: str, aggregates: list[str]) -> int:
    """Copy the events of some aggregates that one store has and the other lacks."""
    with closing(open_service(giver)) as source, closing(open_service(taker)) as target:
        missing = sorted(_ids(source, emitter, aggregates) - _ids(target, emitter, aggregates))
        for start in range(0, len(missing), _BATCH):
            rows = _read(source, missing[start : start + _BATCH])
            with _landing(target), target.cursor() as cursor:
                cursor.executemany(
                    sql.SQL("INSERT INTO events.event_store ({}) VALUES ({})").format(
                        sql.SQL(EVENT_COLUMNS), sql.SQL(", ".join(["%s"] * 13))
                    ),
                    rows,
                )
    return len(missing)


def _ids(conn: Connection, emitter: str, aggregates: list[str]) -> set[tuple[int, str]]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        return set(
            cursor.execute(
                "SELECT tenant_id, id::text FROM events.event_store"
                " WHERE source_service = %s AND aggregate_type = ANY (%s)",
                [emitter, aggregates],
            )
        )


def _read(conn: Connection, ids: list[tuple[int, str]]) -> list[tuple[object, ...]]:
    """Return events whole, as text where they are JSON, in the order of their streams."""
    columns = EVENT_COLUMNS.replace("payload", "payload::text")
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            f"SELECT {columns} FROM events.event_store WHERE (tenant_id, id) IN"
            " (SELECT * FROM unnest(%s::integer[], %s::uuid[])) ORDER BY id".encode(),
            [[tenant for tenant, _ in ids], [id for _, id in ids]],
        ).fetchall()


@contextmanager
def _landing(conn: Connection) -> Iterator[None]:
    """Write as replication does: what comes lands, and nothing is emitted again."""
    with conn.transaction():
        conn.execute("SET LOCAL session_replication_role = replica")
        yield


def _raise_heads(conn: Connection, service: Service) -> None:
    """Let the streams of a service go on after the events that came back."""
    with conn.transaction():
        conn.execute(
            "INSERT INTO events.stream_heads AS h"
            " (tenant_id, aggregate_type, aggregate_id, version)"
            " SELECT tenant_id, aggregate_type, aggregate_id, max(aggregate_version)"
            " FROM events.event_store WHERE source_service = %s"
            " GROUP BY tenant_id, aggregate_type, aggregate_id"
            " ON CONFLICT (tenant_id, aggregate_type, aggregate_id)"
            " DO UPDATE SET version = greatest(h.version, excluded.version)",
            [service.name],
        )
