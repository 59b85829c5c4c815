"""What runs between the databases: slots and subscriptions of PostgreSQL.

Publisher and subscriber may be databases of one server. CREATE SUBSCRIPTION would then wait for its
own transaction when it makes the slot, so the slot is always made first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row

from pgerp.db import parse_url
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.services import subscriber
from pgerp.services.routes import IDENTITY_PUBLICATION, Feed
from pgerp.services.topology import Service, open_service


@dataclass(frozen=True)
class Found:
    """What there is of a feed.

    Attributes:
        owner: Of the subscription; None = there is no subscription.
        address: How it reaches its source.
        publications: What it subscribes to.
        enabled: Whether it is.
        knows_tables: Whether it knows where it was; one that came out of a dump does not.
        slot: wal_status of its slot in the source's database; None = there is no slot.
        received: Whether the destination has anything of the source.
    """

    owner: str | None
    address: str
    publications: tuple[str, ...]
    enabled: bool
    knows_tables: bool
    slot: str | None
    received: bool

    @property
    def runs_on(self) -> bool:
        """Whether it goes on where it was: nothing is missing on either side."""
        return self.owner is not None and self.knows_tables and self.slot not in (None, "lost")


def look(feed: Feed) -> Found:
    """Return what there is of a feed."""
    with closing(open_service(feed.source)) as conn, conn.cursor(row_factory=tuple_row) as cursor:
        slot = cursor.execute(
            "SELECT wal_status FROM pg_catalog.pg_replication_slots"
            " WHERE slot_name = %s AND database = current_database()",
            [feed.name],
        ).fetchone()
    with (
        closing(open_service(feed.destination)) as conn,
        conn.cursor(row_factory=tuple_row) as cursor,
    ):
        there = cursor.execute(_SUBSCRIPTION, [feed.name]).fetchone()
        if feed.publication == IDENTITY_PUBLICATION:
            received = cursor.execute("SELECT EXISTS (SELECT FROM identity.tenants)").fetchone()
        else:
            received = cursor.execute(
                "SELECT EXISTS (SELECT FROM events.event_store WHERE source_service = %s)",
                [feed.source.name],
            ).fetchone()
    owner, address, publications, enabled, knows_tables = there or (None, "", (), False, False)
    return Found(
        owner,
        address,
        tuple(publications),
        enabled,
        knows_tables,
        (slot[0] or "") if slot else None,
        bool(received and received[0]),
    )


_SUBSCRIPTION = """
SELECT r.rolname, s.subconninfo, s.subpublications, s.subenabled,
    s.subslotname = s.subname
        AND EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS t WHERE t.srsubid = s.oid)
FROM pg_catalog.pg_subscription AS s
INNER JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()
INNER JOIN pg_catalog.pg_roles AS r ON r.oid = s.subowner
WHERE s.subname = %s"""


def begin(feed: Feed) -> None:
    """Make the subscription of a destination that has nothing yet: all that there is is copied.

    Raises:
        PgerpError: another database has a slot of that name, or it cannot be made.
    """
    with closing(open_service(feed.destination)) as conn:
        unsubscribe(conn, feed.name)
    with closing(open_service(feed.source)) as source:
        drop_slot(source, feed.name)
        make_slot(source, feed)
    subscribe(feed, copy=True)


def mend(feed: Feed, found: Found) -> list[str]:
    """Make a subscription that runs on as it should be.

    Args:
        feed: What is to be there.
        found: What is, by `look`.

    Returns:
        What was done, as parts of sentences.

    Raises:
        PgerpError: it is of something else, or PostgreSQL refuses the change.
    """
    if found.publications != (feed.publication,):
        raise PgerpError(
            f"{feed.destination.name} has a subscription {feed.name} to something else",
            where=f"database {feed.destination.database}",
            hint="Drop it, or give the service another name.",
        )
    done = []
    name = sql.Identifier(feed.name)
    with closing(open_service(feed.destination)) as conn, _telling(feed, conn):
        if parse_url(found.address) != parse_url(conninfo(feed.source)):
            statement = sql.SQL("ALTER SUBSCRIPTION {} CONNECTION {}")
            conn.execute(statement.format(name, sql.Literal(conninfo(feed.source))))
            done.append("given the address that the topology has")
        if found.owner != subscriber.ROLE:
            with conn.transaction():
                subscriber.enable(conn)
                subscriber.give_away(conn, feed.name)
            done.append(f"given to {subscriber.ROLE}")
        if not found.enabled:
            conn.execute(sql.SQL("ALTER SUBSCRIPTION {} ENABLE").format(name))
            done.append("enabled")
    return done


def subscribe(feed: Feed, *, copy: bool) -> None:
    """Make one subscription whose slot is there, whole or not at all.

    Args:
        feed: What is to be there.
        copy: Whether what the source has already is to come too; the destination has none of it.

    Raises:
        PgerpError: it cannot be made.
    """
    with closing(open_service(feed.destination)) as conn, _telling(feed, conn):
        options = ["create_slot = false", f"copy_data = {str(copy).lower()}"]
        options.append(f"slot_name = '{feed.name}'")
        if conn.info.server_version >= 160000:
            # As its owner, who passes row security, not as the owner of each table, who does not.
            options += ["run_as_owner = true", "password_required = false", "origin = none"]
        with conn.transaction():
            subscriber.enable(conn)
            conn.execute(
                sql.SQL("CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH ({})").format(
                    sql.Identifier(feed.name),
                    sql.Literal(conninfo(feed.source)),
                    sql.Identifier(feed.publication),
                    sql.SQL(", ".join(options)),
                )
            )
            subscriber.give_away(conn, feed.name)


@contextmanager
def _telling(feed: Feed, conn: Connection) -> Iterator[None]:
    """Tell what PostgreSQL says of a subscription that it does not take."""
    try:
        yield
    except psycopg.Error as error:
        raise PgerpError(
            f"{feed.destination.name} cannot subscribe to {feed.source.name}:"
            f" {error.diag.message_primary}",
            where=f"database {conn.info.dbname}",
            sqlstate=error.sqlstate,
            hint="The server of the subscriber must reach that of the publisher as its URL in"
            " the topology says, without a prompt: by password file, certificate or pg_hba.",
        ) from None


def conninfo(service: Service) -> str:
    """Return how a subscriber's server reaches a service's database."""
    return make_conninfo(**parse_url(service.url), application_name="pgerp_services")


def make_slot(conn: Connection, feed: Feed) -> None:
    """Make the slot of a feed.

    Raises:
        PgerpError: another database of the server has a slot of that name: slots are the server's.
    """
    refuse_stranger(conn, feed.name)
    conn.execute(
        "SELECT pg_catalog.pg_create_logical_replication_slot(%s, 'pgoutput')", [feed.name]
    )


def refuse_stranger(conn: Connection, name: str) -> None:
    """Refuse to make a slot whose name another database of the server has for one.

    Raises:
        PgerpError: it does: slots are the server's.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        there = cursor.execute(
            "SELECT database FROM pg_catalog.pg_replication_slots"
            " WHERE slot_name = %s AND database IS DISTINCT FROM current_database()",
            [name],
        ).fetchone()
    if there:
        raise PgerpError(
            f"the server has a slot {name} of another database",
            where=f"database {conn.info.dbname}",
            detail=f"It is that of {there[0]}: two topologies with the same names of services.",
            hint="Give the services of one of them other names.",
        )


def unsubscribe(conn: Connection, name: str) -> bool:
    """Drop a subscription without reaching for its slot; return whether it was there."""
    if not conn.execute(_SUBSCRIPTION.encode(), [name]).fetchall():
        return False
    # Not in one transaction: the last wants a stronger lock on what all databases share.
    for command in (
        "ALTER SUBSCRIPTION {} DISABLE",
        "ALTER SUBSCRIPTION {} SET (slot_name = NONE)",
        "DROP SUBSCRIPTION {}",
    ):
        conn.execute(sql.SQL(command).format(sql.Identifier(name)))
    return True


def drop_slot(conn: Connection, name: str) -> bool:
    """Drop a slot of this database, ending who reads it; return whether it was there."""
    query = (
        "SELECT active_pid FROM pg_catalog.pg_replication_slots"
        " WHERE slot_name = %s AND database = current_database()"
    )
    for attempt in range(10):
        with conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query, [name]).fetchone()
            if row is None:
                return attempt > 0
            cursor.execute("SELECT pg_catalog.pg_terminate_backend(%s, 5000)", [row[0]])
            # A subscription that is still there may be back already.
            with suppress(psycopg.errors.ObjectInUse):
                cursor.execute("SELECT pg_catalog.pg_drop_replication_slot(%s)", [name])
                return True
    raise PgerpError(
        f"slot {name} is read again and again",
        where=f"database {conn.info.dbname}",
        sqlstate="55006",
        hint="Disable or drop the subscription that reads it.",
    )


def subscriptions(conn: Connection) -> list[str]:
    """Return the names of our subscriptions of a database."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT s.subname FROM pg_catalog.pg_subscription AS s INNER JOIN"
            " pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()"
            " WHERE s.subname ~ '^pgerp_' ORDER BY 1"
        ).fetchall()
    return [str(name) for (name,) in rows]


def slots(conn: Connection) -> dict[str, bool]:
    """Return our slots of a database, and whether somebody reads them."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT slot_name, active FROM pg_catalog.pg_replication_slots"
            " WHERE slot_name ~ '^pgerp_' AND database = current_database() ORDER BY 1"
        ).fetchall()
    return {str(name): bool(active) for name, active in rows}


@contextmanager
def landing(conn: Connection) -> Iterator[None]:
    """Write as replication does: what comes lands, and nothing is emitted again."""
    with conn.transaction():
        conn.execute("SET LOCAL session_replication_role = replica")
        yield
