"""Making databases whole again after one was restored from a backup: what others have comes back.

Every event is in the store of who emitted it and of who hears of it. A database that lost its last
hours gets what others sent it from their stores, and what it emitted itself from theirs. What runs
between it and the others is taken away first and made anew last, each subscription from the very
moment up to which its source was compared: nothing comes twice, nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.db import connect
from pgerp.history import Connection
from pgerp.services import identityrows, replicate
from pgerp.services.publications import EVENT_COLUMNS
from pgerp.services.routes import IDENTITY_PUBLICATION, Feed, Routes, feeds
from pgerp.services.topology import Service, Topology, open_service

_BATCH = 5_000

Say = Callable[[str], None]


def resync(topology: Topology, service: Service, routes: Routes, *, say: Say) -> int:
    """Make one service's database whole, and the others' with what only it has.

    Run it again if it was interrupted.

    Args:
        topology: The services.
        service: Whose database was restored, or missed something.
        routes: Who has to hear of what.
        say: Called with one line for each thing done.

    Returns:
        How many events were brought.

    Raises:
        PgerpError: a database that is concerned cannot be reached, and nothing was done; or a
            subscription cannot be made.
    """
    concerned = [one for one in feeds(topology, routes) if service in (one.source, one.destination)]
    for name in sorted({end.name for one in concerned for end in (one.source, one.destination)}):
        open_service(topology.services[name]).close()
    for feed in concerned:
        with closing(open_service(feed.destination)) as conn:
            replicate.unsubscribe(conn, feed.name)
        with closing(open_service(feed.source)) as conn:
            # It knows nothing of what a restored database has.
            replicate.drop_slot(conn, feed.name)
    if service is topology.identity:
        for sentence in identityrows.bring_back(service, topology.others(service)):
            say(f"{service.name}: {sentence}")
    brought = _bring_back(topology, service, routes, say)
    for feed in concerned:
        brought += _begin_anew(feed, routes, say)
    with closing(open_service(service)) as conn:
        _raise_heads(conn, service)
        with conn.cursor(row_factory=tuple_row) as cursor:
            tenants = cursor.execute("SELECT id FROM identity.tenants ORDER BY id").fetchall()
            for (tenant_id,) in tenants:
                for sentence in _take_back(conn, service, tenant_id):
                    say(f"{service.name}: tenant {tenant_id}: {sentence}")
                row = cursor.execute("SELECT events.repair(%s)", [tenant_id]).fetchone()
                if row and row[0]:
                    say(f"{service.name}: {row[0]} events wait for their handlers again")
    return brought


def _bring_back(topology: Topology, service: Service, routes: Routes, say: Say) -> int:
    """Give a database what it emitted and only others have any more."""
    brought = 0
    for (source_name, destination_name), aggregates in routes.items():
        if source_name != service.name:
            continue
        giver = topology.services[destination_name]
        with closing(open_service(giver)) as source, source.transaction():
            count = _bring(source, service, service.name, sorted(aggregates))
        if count:
            say(f"{service.name}: {count} events brought back from {giver.name}")
        brought += count
    return brought


def _take_back(conn: Connection, service: Service, tenant_id: int) -> Iterator[str]:
    """Have each module make its own rows what its events say that came back, where it can.

    Modules without such a function have what they did in what others answer to their events.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        for module in sorted(service.modules):
            name = f"{module}.take_back"
            row = cursor.execute("SELECT to_regprocedure(%s)", [f"{name}(integer)"]).fetchone()
            if row and row[0]:
                call = sql.SQL("SELECT {}(%s)").format(sql.Identifier(*name.split(".")))
                for (sentence,) in cursor.execute(call, [tenant_id]).fetchall():
                    yield str(sentence)


def _begin_anew(feed: Feed, routes: Routes, say: Say) -> int:
    """Bring what a destination lacks, and subscribe from there on."""
    count = 0
    with slot_with_snapshot(feed) as source:
        if feed.publication == IDENTITY_PUBLICATION:
            for sentence in identityrows.copy(source, feed.destination):
                say(f"{feed.destination.name}: {sentence}")
        else:
            aggregates = routes[feed.source.name, feed.destination.name]
            count = _bring(source, feed.destination, feed.source.name, sorted(aggregates))
            if count:
                say(f"{feed.destination.name}: {count} events brought from {feed.source.name}")
    replicate.subscribe(feed, copy=False)
    say(f"{feed.destination.name}: subscribed anew to {feed.source.name} ({feed.name})")
    return count


@contextmanager
def slot_with_snapshot(feed: Feed) -> Iterator[Connection]:
    """Make a feed's slot, and yield a session on the source that sees what it does not tell of.

    Raises:
        PgerpError: another database of the server has a slot of that name.
    """
    with closing(open_service(feed.source)) as conn:
        replicate.refuse_stranger(conn, feed.name)
    # The snapshot is there until this session does something else.
    with (
        closing(connect(feed.source.url, replication="database")) as replication,
        closing(open_service(feed.source)) as conn,
        replication.cursor(row_factory=tuple_row) as cursor,
    ):
        statement = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput EXPORT_SNAPSHOT")
        row = cursor.execute(statement.format(sql.Identifier(feed.name))).fetchone()
        assert row is not None
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(row[2])))
            yield conn


def _bring(source: Connection, taker: Service, emitter: str, aggregates: list[str]) -> int:
    """Copy the events of some aggregates that a session sees and a database lacks."""
    with closing(open_service(taker)) as target:
        missing = sorted(_ids(source, emitter, aggregates) - _ids(target, emitter, aggregates))
        for start in range(0, len(missing), _BATCH):
            rows = _read(source, missing[start : start + _BATCH])
            with replicate.landing(target), target.cursor() as cursor:
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
