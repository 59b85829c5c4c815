"""What runs between the databases: publications, slots and subscriptions of PostgreSQL.

Publisher and subscriber may be databases of one server. CREATE SUBSCRIPTION would then wait for its
own transaction when it makes the slot, so the slot is always made first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row

from pgerp.db import parse_url
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.services.routes import (
    IDENTITY_PUBLICATION,
    IDENTITY_TABLES,
    Routes,
    identity_subscription,
    publication,
    subscription,
)
from pgerp.services.topology import Service, Topology

SUBSCRIBER = "pgerp_subscriber"
"""Owns the subscriptions: it passes row security, and is used for nothing else."""

EVENT_COLUMNS = (
    "tenant_id, id, business_id, source_service, event_type, aggregate_type, aggregate_id,"
    " aggregate_version, payload, occurred_at, actor, correlation_id, causation_id"
)
"""All but the position, which each database gives by itself."""


@dataclass(frozen=True)
class Feed:
    """One subscription that is to be there.

    Attributes:
        name: Of the subscription and of its slot.
        source: The service whose database publishes.
        destination: The service whose database subscribes.
        publication: What it subscribes to.
    """

    name: str
    source: Service
    destination: Service
    publication: str


def feeds(topology: Topology, routes: Routes) -> list[Feed]:
    """Return the subscriptions that a topology needs: of rows of identity, and of events."""
    home = topology.identity
    found = [
        Feed(identity_subscription(home, other), home, other, IDENTITY_PUBLICATION)
        for other in topology.others(home)
    ]
    for source_name, destination_name in routes:
        source = topology.services[source_name]
        destination = topology.services[destination_name]
        name = subscription(source, destination)
        found.append(Feed(name, source, destination, publication(destination)))
    return found


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


def publish(conn: Connection, service: Service, topology: Topology, routes: Routes) -> list[str]:
    """Make or change the publications of one service's database; return what was done."""
    wanted = {
        publication(topology.services[destination]): sql.SQL(
            "TABLE events.event_store ({}) WHERE (source_service = {} AND aggregate_type IN ({}))"
        ).format(
            sql.SQL(EVENT_COLUMNS),
            sql.Literal(service.name),
            sql.SQL(", ").join(map(sql.Literal, sorted(aggregates))),
        )
        for (source, destination), aggregates in routes.items()
        if source == service.name
    }
    if service.name == topology.identity.name:
        tables = sql.SQL(", ").join(sql.Identifier("identity", name) for name in IDENTITY_TABLES)
        wanted[IDENTITY_PUBLICATION] = sql.SQL("TABLE {}").format(tables)
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT pubname FROM pg_catalog.pg_publication WHERE pubname ~ '^pgerp_'"
        ).fetchall()
        present = {name for (name,) in rows}
        for name, what in wanted.items():
            options = "publish = 'insert', publish_via_partition_root = true"
            if name == IDENTITY_PUBLICATION:
                options = "publish = 'insert, update, delete'"
            command = (
                "ALTER PUBLICATION {} SET {}"
                if name in present
                else ("CREATE PUBLICATION {} FOR {} WITH (" + options + ")")
            )
            cursor.execute(sql.SQL(command).format(sql.Identifier(name), what))
        for name in sorted(present - set(wanted)):
            cursor.execute(sql.SQL("DROP PUBLICATION {}").format(sql.Identifier(name)))
    return sorted(set(wanted) - present)


def subscribe(feed: Feed, connect: Callable[[Service], Connection], *, copy: bool = True) -> bool:
    """Make one subscription, its slot first; return whether it was missing.

    Args:
        feed: What is to be there.
        connect: Opens a connection to a service's database, in autocommit mode, as a superuser.
        copy: Whether what the source has already is to come too.

    Raises:
        PgerpError: there is a subscription of that name to something else, or it cannot be made.
    """
    with connect(feed.destination) as conn:
        if _has(conn, "pg_subscription", "subname", feed.name):
            return False
        with connect(feed.source) as source:
            _make_slot(source, feed)
        options = ["create_slot = false", f"copy_data = {str(copy).lower()}"]
        options.append(f"slot_name = '{feed.name}'")
        if conn.info.server_version >= 160000:
            # As its owner, who passes row security, not as the owner of each table, who does not.
            options += ["run_as_owner = true", "password_required = false", "origin = none"]
        try:
            conn.execute(
                sql.SQL("CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH ({})").format(
                    sql.Identifier(feed.name),
                    sql.Literal(conninfo(feed.source)),
                    sql.Identifier(feed.publication),
                    sql.SQL(", ".join(options)),
                )
            )
            _give_away(conn, feed)
        except psycopg.Error as error:
            raise PgerpError(
                f"{feed.destination.name} cannot subscribe to {feed.source.name}:"
                f" {error.diag.message_primary}",
                where=f"database {conn.info.dbname}",
                sqlstate=error.sqlstate,
                hint="The server of the subscriber must reach that of the publisher as its URL in"
                " the topology says, without a prompt: by password file, certificate or pg_hba.",
            ) from None
    return True


def conninfo(service: Service) -> str:
    """Return how a subscriber's server reaches a service's database."""
    return make_conninfo(**parse_url(service.url), application_name="pgerp_services")


def _make_slot(conn: Connection, feed: Feed) -> None:
    if not _has(conn, "pg_replication_slots", "slot_name", feed.name):
        conn.execute(
            "SELECT pg_catalog.pg_create_logical_replication_slot(%s, 'pgoutput')", [feed.name]
        )


def _give_away(conn: Connection, feed: Feed) -> None:
    """Have the subscription act as a role that is used for nothing else."""
    name, role = sql.Identifier(feed.name), sql.Identifier(SUBSCRIBER)
    database = sql.Identifier(conn.info.dbname)
    if conn.info.server_version < 160000:
        # Before 16 only a superuser can own one; what it does is checked against what it is then.
        conn.execute(sql.SQL("ALTER ROLE {} SUPERUSER").format(role))
    try:
        # Asked of a new owner; it makes nothing afterwards.
        conn.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, role))
        conn.execute(sql.SQL("ALTER SUBSCRIPTION {} OWNER TO {}").format(name, role))
    finally:
        conn.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM {}").format(database, role))
        if conn.info.server_version < 160000:
            conn.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER").format(role))


def let_subscriber_write(conn: Connection) -> None:
    """Let the owner of subscriptions pass row security: what it brings was proved at its source."""
    conn.execute(sql.SQL("ALTER ROLE {} BYPASSRLS").format(sql.Identifier(SUBSCRIBER)))


def unsubscribe(feed_names: Sequence[str], conn: Connection) -> list[str]:
    """Drop subscriptions of a database without reaching for their slots; return those dropped."""
    dropped = []
    for name in feed_names:
        if _has(conn, "pg_subscription", "subname", name):
            identifier = sql.Identifier(name)
            for command in (
                "ALTER SUBSCRIPTION {} DISABLE",
                "ALTER SUBSCRIPTION {} SET (slot_name = NONE)",
                "DROP SUBSCRIPTION {}",
            ):
                conn.execute(sql.SQL(command).format(identifier))
            dropped.append(name)
    return dropped


def drop_slot(conn: Connection, name: str) -> bool:
    """Drop a slot that nobody uses any more; return whether it was there."""
    if not _has(conn, "pg_replication_slots", "slot_name", name):
        return False
    conn.execute(
        "SELECT pg_catalog.pg_terminate_backend(active_pid, 5000)"
        " FROM pg_catalog.pg_replication_slots WHERE slot_name = %s AND active",
        [name],
    )
    conn.execute("SELECT pg_catalog.pg_drop_replication_slot(%s)", [name])
    return True


def _has(conn: Connection, catalog: str, column: str, name: str) -> bool:
    query = "SELECT FROM pg_catalog.{} WHERE {} = %s"
    if catalog == "pg_subscription":
        # It lists those of the whole server.
        query += (
            " AND subdbid = (SELECT oid FROM pg_catalog.pg_database"
            " WHERE datname = current_database())"
        )
    with conn.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(
            sql.SQL(query).format(sql.Identifier(catalog), sql.Identifier(column)), [name]
        ).fetchall()
    return bool(found)
