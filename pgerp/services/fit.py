"""Is a topology fit to be made? What can be known is told before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from psycopg.rows import tuple_row

from pgerp import history, modules
from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.project import Project
from pgerp.services.routes import Feed
from pgerp.services.topology import Service, Topology

UNNAMED = "pgerp"
"""What events.settings calls a database that is no service's, or not yet."""

_TABLES = """
SELECT count(*)
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p')"""


def maintenance(service: Service) -> Connection:
    """Connect to the database postgres of a service's server, in autocommit mode."""
    return connect(build_url(parse_url(service.url) | {"dbname": "postgres"}))


def exists(conn: Connection, service: Service) -> bool:
    """Return whether a service's database is there.

    Args:
        conn: A connection to another database of its server.
        service: Whose database.
    """
    query = "SELECT FROM pg_catalog.pg_database WHERE datname = %s"
    return bool(conn.execute(query, [service.database]).fetchall())


@dataclass(frozen=True)
class Content:
    """What a database is by what it holds.

    Attributes:
        service: The service that it says it is; None: it has no events.settings, or no name yet.
        modules: The modules it was made for; None = all.
        tables: How many tables it has.
    """

    service: str | None
    modules: frozenset[str] | None
    tables: int

    def is_of(self, service: Service) -> bool:
        """Return whether it was made for a service, or is empty."""
        if self.tables == 0 or self.service is not None:
            return self.tables == 0 or self.service == service.name
        return self.modules is not None and self.modules <= service.modules | set(modules.BASE)


def content(conn: Connection) -> Content:
    """Return what a database holds."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        (tables,) = cursor.execute(_TABLES).fetchone() or (0,)
        (settings,) = cursor.execute("SELECT to_regclass('events.settings')").fetchone() or (None,)
        name = None
        if settings is not None:
            row = cursor.execute("SELECT service FROM events.settings").fetchone()
            name = row[0] if row and row[0] != UNNAMED else None
    return Content(name, modules.read(conn), int(tables))


def refuse_unmade(topology: Topology, projects: Sequence[Project]) -> None:
    """Refuse a topology that cannot be made, before anything of it is.

    Args:
        topology: The services.
        projects: The projects whole.

    Raises:
        PgerpError: a server does not answer or is not fit, there is no such module, two services
            have one database under two addresses, or a database is another's.
    """
    for service in topology.services.values():
        modules.reduced(projects, service.modules)
    owners: dict[tuple[str, str], str] = {}
    for service in topology.services.values():
        with closing(maintenance(service)) as conn:
            refuse_unfit(conn)
            place = (_system(conn), service.database)
            if other := owners.get(place):
                raise PgerpError(
                    f"{other} and {service.name} have one database under two addresses",
                    where=f"database {service.database}",
                    hint="Give each service a database of its own.",
                )
            owners[place] = service.name
            there = exists(conn, service)
        if there:
            _refuse_database(topology, service)


def _system(conn: Connection) -> str:
    """Return what a server is known by, whatever address it has."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT system_identifier::text FROM pg_catalog.pg_control_system()"
        ).fetchone()
    assert row is not None
    return str(row[0])


def _refuse_database(topology: Topology, service: Service) -> None:
    """Refuse a database that is there and is not this service's."""
    where = f"database {service.database}"
    with closing(connect(service.url)) as conn:
        found = content(conn)
        if found.service not in (None, service.name):
            raise PgerpError(
                f'the database is that of service "{found.service}", not of "{service.name}"',
                where=where,
                detail="Its events bear that name.",
                hint="Give the service its old name in the topology, or another database.",
            )
        if found.modules is None and history.exists(conn):
            raise PgerpError(
                "the database has all modules",
                where=where,
                hint=f"Give {service.name} a database that is new.",
            )
    for other in topology.others(service):
        if strangers := sorted((found.modules or frozenset()) & other.modules):
            raise PgerpError(
                f'the database has module "{strangers[0]}", which the topology gives to'
                f' "{other.name}"',
                where=where,
                hint="Leave the module where its data are.",
            )


def refuse_small_servers(feeds: Sequence[Feed]) -> None:
    """Refuse servers that have no room for what runs between their databases.

    Args:
        feeds: All subscriptions that are to be.

    Raises:
        PgerpError: a setting of a server is too low.
    """
    ends = {one.name: one for feed in feeds for one in (feed.source, feed.destination)}
    systems = {}
    for service in ends.values():
        with closing(maintenance(service)) as conn:
            systems[service.name] = _system(conn)
    for system in sorted(set(systems.values())):
        count = sum(
            system in (systems[feed.source.name], systems[feed.destination.name]) for feed in feeds
        )
        service = next(one for one in ends.values() if systems[one.name] == system)
        with closing(maintenance(service)) as conn:
            refuse_small(conn, count)


def refuse_small(conn: Connection, count: int) -> None:
    """Refuse a server that has no room for so many subscriptions.

    Args:
        conn: A connection to it.
        count: How many it publishes or subscribes to.

    Raises:
        PgerpError: a setting of the server is too low; with what it should be.
    """
    # Tables are copied at first, by workers and slots of their own.
    needs = {
        "max_replication_slots": count + 4,
        "max_active_replication_origins": count + 4,
        "max_wal_senders": count + 4,
        "max_logical_replication_workers": count + 4,
        "max_worker_processes": count + 12,
    }
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT name, setting::integer FROM pg_catalog.pg_settings WHERE name = ANY (%s)",
            [list(needs)],
        ).fetchall()
    small = {name: needs[name] for name, setting in rows if setting < needs[name]}
    if small:
        wanted = ", ".join(f"{name} = {value}" for name, value in sorted(small.items()))
        raise PgerpError(
            f"the server has no room for {count} subscriptions",
            where=f"database {conn.info.dbname}",
            hint=f"Set at least {wanted} in postgresql.conf and restart the server.",
        )


def refuse_unfit(conn: Connection) -> None:
    """Refuse a server that cannot replicate, or a role that may not arrange it.

    Raises:
        PgerpError: wal_level is not logical, or the role is no superuser.
    """
    where = f"database {conn.info.dbname}"
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT current_setting('wal_level'), rolsuper FROM pg_catalog.pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert row is not None
    if row[0] != "logical":
        raise PgerpError(
            "the server does not replicate by rows",
            where=where,
            detail=f"wal_level is {row[0]}.",
            hint="Set wal_level = logical in postgresql.conf and restart the server.",
        )
    if not row[1]:
        raise PgerpError(
            "only a superuser can arrange subscriptions for a role that passes row security",
            where=where,
            sqlstate="42501",
            hint="Run pgerp services up as a superuser; workers need no such role.",
        )
