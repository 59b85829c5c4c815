"""What each database publishes: rows of identity, and events by who has to hear of them."""

from __future__ import annotations

from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.history import Connection
from pgerp.services.routes import IDENTITY_PUBLICATION, IDENTITY_TABLES, Routes, publication
from pgerp.services.topology import Service, Topology

EVENT_COLUMNS = (
    "tenant_id, id, business_id, source_service, event_type, aggregate_type, aggregate_id,"
    " aggregate_version, payload, occurred_at, actor, correlation_id, causation_id"
)
"""All but the position, which each database gives by itself."""


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
        present = set(publications(conn))
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


def publications(conn: Connection) -> list[str]:
    """Return the names of our publications of a database."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT pubname FROM pg_catalog.pg_publication WHERE pubname ~ '^pgerp_' ORDER BY 1"
        ).fetchall()
    return [str(name) for (name,) in rows]
