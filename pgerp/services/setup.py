"""Making a topology: databases, modules, and what runs between them. Running it again mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from psycopg import sql

from pgerp import runner
from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.history import Connection
from pgerp.modules import for_database
from pgerp.progress import Progress
from pgerp.project import Project
from pgerp.seeds import run_seeds
from pgerp.services import replicate
from pgerp.services.routes import Routes, routes
from pgerp.services.topology import Service, Topology
from pgerp.transaction import Settings

Say = Callable[[str], None]


def open_service(service: Service) -> Connection:
    """Connect to a service's database, in autocommit mode."""
    return connect(service.url)


def up(
    topology: Topology,
    projects: Sequence[Project],
    *,
    settings: Settings,
    progress: Progress,
    say: Say,
) -> None:
    """Make what is missing of a topology, from databases to subscriptions.

    Args:
        topology: The services.
        projects: The projects whole; each database gets its service's modules.
        settings: How patient to be.
        progress: Is told of migrations.
        say: Called with one line for each thing done.

    Raises:
        PgerpError: a server is not fit, a migration fails, or a subscription cannot be made. What
            was done before stays; run it again.
    """
    for service in topology.services.values():
        if _make_database(service):
            say(f"{service.name}: database {service.database} made")
        _migrate(service, projects, settings, progress, say)
    found = read_routes(topology)
    _refuse_small_servers(replicate.feeds(topology, found))
    for service in topology.services.values():
        with closing(open_service(service)) as conn:
            for name in replicate.publish(conn, service, topology, found):
                say(f"{service.name}: publication {name} made")
    for feed in replicate.feeds(topology, found):
        if replicate.subscribe(feed, open_service):
            say(f"{feed.destination.name}: subscribed to {feed.source.name} ({feed.name})")
    refresh(topology, found)


def read_routes(topology: Topology) -> Routes:
    """Return who has to hear of what."""
    with closing(open_service(topology.identity)) as conn:
        return routes(conn, topology)


def refresh(topology: Topology, found: Routes) -> None:
    """Have each subscription take up what its publication has gained."""
    for feed in replicate.feeds(topology, found):
        with closing(open_service(feed.destination)) as conn:
            conn.execute(
                sql.SQL("ALTER SUBSCRIPTION {} REFRESH PUBLICATION").format(
                    sql.Identifier(feed.name)
                )
            )


def down(topology: Topology, *, drop_databases: bool, say: Say) -> None:
    """Take away what runs between the databases, and the databases too if asked for."""
    found = read_routes(topology)
    feeds = replicate.feeds(topology, found)
    for service in topology.services.values():
        with closing(open_service(service)) as conn:
            names = [feed.name for feed in feeds if feed.destination.name == service.name]
            for name in replicate.unsubscribe(names, conn):
                say(f"{service.name}: subscription {name} dropped")
    for feed in feeds:
        with closing(open_service(feed.source)) as conn:
            if replicate.drop_slot(conn, feed.name):
                say(f"{feed.source.name}: slot {feed.name} dropped")
    for service in topology.services.values():
        with closing(open_service(service)) as conn:
            replicate.publish(conn, service, Topology({}, service), {})
        if drop_databases:
            with closing(_maintenance(service)) as conn:
                conn.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(
                        sql.Identifier(service.database)
                    )
                )
            say(f"{service.name}: database {service.database} dropped")


def _maintenance(service: Service) -> Connection:
    """Connect to the database postgres of a service's server."""
    return connect(build_url(parse_url(service.url) | {"dbname": "postgres"}))


def _refuse_small_servers(feeds: Sequence[replicate.Feed]) -> None:
    """Refuse servers that have no room for what runs between their databases."""
    counts: dict[str, tuple[Service, int]] = {}
    for feed in feeds:
        for server in {one.server: one for one in (feed.source, feed.destination)}.values():
            counts[server.server] = (server, counts.get(server.server, (server, 0))[1] + 1)
    for service, count in counts.values():
        with closing(_maintenance(service)) as conn:
            replicate.refuse_small(conn, count)


def _make_database(service: Service) -> bool:
    with closing(_maintenance(service)) as conn:
        replicate.refuse_unfit(conn)
        there = conn.execute(
            "SELECT FROM pg_catalog.pg_database WHERE datname = %s", [service.database]
        ).fetchall()
        if not there:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(service.database)))
        return not there


def _migrate(
    service: Service,
    projects: Sequence[Project],
    settings: Settings,
    progress: Progress,
    say: Say,
) -> None:
    with closing(open_service(service)) as conn:
        chosen = for_database(conn, projects, service.modules)
    result = runner.up(lambda: open_service(service), chosen, settings=settings, progress=progress)
    if not result.nothing:
        say(f"{service.name}: {len(result.migrations)} migrations applied")
    with closing(open_service(service)) as conn:
        for seeded in run_seeds(conn, chosen, "reference"):
            if seeded.rows:
                say(f"{service.name}: {seeded.path.name}: {seeded.rows} rows")
        replicate.let_subscriber_write(conn)
        conn.execute(
            "UPDATE events.settings SET service = %s WHERE service <> %s",
            [service.name, service.name],
        )
