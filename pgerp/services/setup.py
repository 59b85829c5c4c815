"""Making a topology: databases, modules, and what runs between them. Running it again mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from psycopg import sql

from pgerp import runner
from pgerp.errors import PgerpError
from pgerp.modules import for_database
from pgerp.progress import Progress
from pgerp.project import Project
from pgerp.seeds import run_seeds
from pgerp.services import permissions, replicate, subscriber
from pgerp.services.fit import exists, maintenance, refuse_small_servers, refuse_unmade
from pgerp.services.publications import publish
from pgerp.services.routes import Feed, Routes, feeds, routes
from pgerp.services.topology import Service, Topology, open_service
from pgerp.transaction import Settings

Say = Callable[[str], None]


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
        PgerpError: the topology cannot be made, and nothing was; or a migration fails, or a
            subscription cannot be made or does not know where it was. What was done before stays;
            run it again.
    """
    refuse_unmade(topology, projects)
    # Those of events are known when there is a database to ask.
    refuse_small_servers(feeds(topology, {}))
    for service in topology.services.values():
        if _make_database(service):
            say(f"{service.name}: database {service.database} made")
        _migrate(service, projects, settings, progress, say)
    for name in permissions.share(topology):
        say(f"{name}: told what the modules of others permit")
    found = read_routes(topology)
    wanted = feeds(topology, found)
    refuse_small_servers(wanted)
    for service in topology.services.values():
        _refuse_readers(topology, service)
    for service in topology.services.values():
        with closing(open_service(service)) as conn:
            for name in publish(conn, service, topology, found):
                say(f"{service.name}: publication {name} made")
    stale = [feed for feed in wanted if not _connect(feed, say)]
    for service in topology.services.values():
        _sweep(service, {feed.name for feed in wanted}, say)
    if stale:
        raise PgerpError(
            f"{len(stale)} subscriptions do not know where they were",
            detail=f"They are {', '.join(feed.name for feed in stale)}: a slot is gone or lost, or"
            " a database was restored. What is missing is found by comparison only.",
            hint="Run pgerp services resync --service NAME for the service whose database was"
            " restored, or that missed something.",
        )
    refresh(topology, found)


def read_routes(topology: Topology) -> Routes:
    """Return who has to hear of what."""
    with closing(open_service(topology.identity)) as conn:
        return routes(conn, topology)


def refresh(topology: Topology, found: Routes) -> None:
    """Have each subscription take up what its publication has gained."""
    for feed in feeds(topology, found):
        with closing(open_service(feed.destination)) as conn:
            conn.execute(
                sql.SQL("ALTER SUBSCRIPTION {} REFRESH PUBLICATION").format(
                    sql.Identifier(feed.name)
                )
            )


def _connect(feed: Feed, say: Say) -> bool:
    """Make or mend one subscription; return whether that could be done without comparing."""
    found = replicate.look(feed)
    if found.runs_on:
        for what in replicate.mend(feed, found):
            say(f"{feed.destination.name}: subscription {feed.name} {what}")
        return True
    if found.received:
        return False
    replicate.begin(feed)
    say(f"{feed.destination.name}: subscribed to {feed.source.name} ({feed.name})")
    return True


def _refuse_readers(topology: Topology, service: Service) -> None:
    """Refuse to cut off a service that runs and that the topology does not have."""
    with closing(open_service(service)) as conn:
        names = [name for name, active in replicate.slots(conn).items() if active]
    for name in names:
        if name.rpartition("_to_")[2] not in topology.services:
            raise PgerpError(
                f"slot {name} is read by a service that the topology does not have",
                where=f"database {service.database}",
                hint="Take that service down first (pgerp services down --service NAME, with the"
                " file that has it), or put it back into the file.",
            )


def _sweep(service: Service, wanted: set[str], say: Say) -> None:
    """Drop subscriptions and slots of services or routes that there are no more.

    A slot that nobody reads keeps all that is written from then on.
    """
    with closing(open_service(service)) as conn:
        for name in sorted(set(replicate.subscriptions(conn)) - wanted):
            replicate.unsubscribe(conn, name)
            say(f"{service.name}: subscription {name} dropped")
        for name in sorted(replicate.slots(conn).keys() - wanted):
            replicate.drop_slot(conn, name)
            say(f"{service.name}: slot {name} dropped")


def _make_database(service: Service) -> bool:
    with closing(maintenance(service)) as conn:
        there = exists(conn, service)
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
        subscriber.enable(conn)
        conn.execute(
            "UPDATE events.settings SET service = %s WHERE service <> %s",
            [service.name, service.name],
        )
