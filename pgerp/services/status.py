"""How the services are: databases, what is pending, what runs between them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.services.topology import Service, Topology, open_service

_PENDING = """
SELECT
    count(*) FILTER (WHERE status = 'waiting'),
    count(*) FILTER (WHERE status = 'parked'),
    coalesce(extract(epoch FROM clock_timestamp() - min(arrived_at)
        FILTER (WHERE status = 'waiting')), 0)
FROM events.pending"""

# A worker that died is started again by the server; one that stays away has an error in the log.
_FEEDS = """
SELECT
    s.subname,
    s.subenabled,
    w.pid IS NOT NULL,
    coalesce(e.apply_error_count + e.sync_error_count, 0)
FROM pg_catalog.pg_subscription AS s
INNER JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()
LEFT JOIN pg_catalog.pg_stat_subscription AS w ON w.subid = s.oid AND w.relid IS NULL
LEFT JOIN pg_catalog.pg_stat_subscription_stats AS e ON e.subid = s.oid
WHERE s.subname ~ '^pgerp_'
ORDER BY s.subname"""

_SLOTS = """
SELECT slot_name, active, wal_status,
    coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), confirmed_flush_lsn), 0)
FROM pg_catalog.pg_replication_slots
WHERE slot_name ~ '^pgerp_' AND database = current_database()
ORDER BY slot_name"""


@dataclass
class ServiceStatus:
    """One service.

    Attributes:
        name: Its name.
        database: Its database.
        problem: Why nothing can be said of it; None = all is known.
        waiting: Events that wait for their handlers.
        parked: Events that handlers gave up.
        oldest_s: Age of the oldest that waits, in seconds.
        troubles: Sentences about subscriptions and slots that do not work.
        lag_bytes: The most WAL that one of its subscribers has not confirmed.
        feeds: How many subscriptions it has.
    """

    name: str
    database: str
    problem: str | None = None
    waiting: int = 0
    parked: int = 0
    oldest_s: float = 0.0
    troubles: list[str] = field(default_factory=list)
    lag_bytes: int = 0
    feeds: int = 0

    @property
    def sentences(self) -> list[str]:
        """What needs a person, as sentences."""
        parked = [f"{self.parked} events are parked: see events.parked"] if self.parked else []
        return [*([self.problem] if self.problem else []), *self.troubles, *parked]

    @property
    def healthy(self) -> bool:
        """Whether nothing needs a person."""
        return not self.sentences


def status(topology: Topology) -> list[ServiceStatus]:
    """Return how each service is; one that cannot be reached says so."""
    return [_look_at(service) for service in topology.services.values()]


def _look_at(service: Service) -> ServiceStatus:
    found = ServiceStatus(service.name, service.database)
    try:
        with closing(open_service(service)) as conn, conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(_PENDING).fetchone()
            assert row is not None
            found.waiting, found.parked, found.oldest_s = row[0], row[1], float(row[2])
            _look_at_feeds(conn, found)
    except (PgerpError, psycopg.Error) as error:
        found.problem = str(error).split("\n", 1)[0]
    return found


def _look_at_feeds(conn: Connection, found: ServiceStatus) -> None:
    with conn.cursor(row_factory=tuple_row) as cursor:
        for name, enabled, running, errors in cursor.execute(_FEEDS).fetchall():
            found.feeds += 1
            if not enabled:
                found.troubles.append(f"subscription {name} is disabled")
            elif not running:
                found.troubles.append(f"subscription {name} has no worker ({errors} errors)")
        for name, active, wal_status, lag in cursor.execute(_SLOTS).fetchall():
            found.lag_bytes = max(found.lag_bytes, int(lag))
            if wal_status == "lost":
                found.troubles.append(f"slot {name} is lost: resync its subscriber")
            elif not active:
                found.troubles.append(f"nobody reads slot {name}")
