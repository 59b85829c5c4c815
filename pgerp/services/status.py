"""How the services are, as the views of monitoring in module events tell it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.services.topology import Service, Topology, open_service

_BACKLOG = """
SELECT
    coalesce(sum(waiting), 0)::bigint,
    coalesce(sum(due), 0)::bigint,
    coalesce(sum(parked), 0)::bigint,
    coalesce(max(oldest_waiting_seconds), 0),
    (SELECT count(*) FROM events.worker_status)
FROM events.backlog"""

_FEEDS = """
SELECT subscription_name, state, apply_errors + sync_errors, conflicts, unready_tables, sync_errors,
    copy_workers, copy_seconds
FROM events.subscription_status
ORDER BY subscription_name"""

_SLOTS = """
SELECT slot_name, active, wal_status, coalesce(lag_bytes, 0)
FROM events.replication_status
ORDER BY slot_name"""

PATIENCE_S = 60.0
"""How long events may wait before it is said that no worker runs."""


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
        workers: Sessions of pgerp services worker.
        troubles: Sentences about subscriptions and slots that do not work.
        lag_bytes: The most WAL that one of its subscribers has not confirmed.
        feeds: How many subscriptions it has.
        copies: Sentences about first copies of tables that are not done, and did not fail.
    """

    name: str
    database: str
    problem: str | None = None
    waiting: int = 0
    parked: int = 0
    oldest_s: float = 0.0
    workers: int = 0
    troubles: list[str] = field(default_factory=list)
    lag_bytes: int = 0
    feeds: int = 0
    copies: list[str] = field(default_factory=list)

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
        with closing(open_service(service)) as conn:
            _look_at_backlog(conn, found)
            _look_at_feeds(conn, found)
    except (PgerpError, psycopg.Error) as error:
        found.problem = str(error).split("\n", 1)[0]
    return found


def _look_at_backlog(conn: Connection, found: ServiceStatus) -> None:
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(_BACKLOG).fetchone()
    assert row is not None
    found.waiting, due, found.parked, oldest_s, found.workers = row
    found.oldest_s = float(oldest_s)
    if due and not found.workers and found.oldest_s > PATIENCE_S:
        found.troubles.append("events wait and no worker runs: pgerp services worker")


def _look_at_feeds(conn: Connection, found: ServiceStatus) -> None:
    with conn.cursor(row_factory=tuple_row) as cursor:
        for name, state, errors, conflicts, *copy in cursor.execute(_FEEDS).fetchall():
            found.feeds += 1
            _look_at_copy(name, found, *copy)
            if state == "disabled":
                found.troubles.append(f"subscription {name} is disabled")
            elif state == "down":
                counts = f"{errors} errors, {conflicts} conflicts"
                found.troubles.append(f"subscription {name} has no worker ({counts})")
        for name, active, wal_status, lag in cursor.execute(_SLOTS).fetchall():
            found.lag_bytes = max(found.lag_bytes, int(lag))
            if wal_status == "lost":
                found.troubles.append(f"slot {name} is lost: resync its subscriber")
            elif not active:
                found.troubles.append(f"nobody reads slot {name}")


def _look_at_copy(
    name: str,
    found: ServiceStatus,
    tables: str | None,
    errors: int,
    workers: int,
    seconds: float | None,
) -> None:
    """Note the first copy of tables that a subscription has not done."""
    if not tables:
        return
    copy = f"subscription {name}: the first copy of {tables}"
    if errors:
        found.troubles.append(f"{copy} has failed {errors} times, see the server's log")
    elif not workers:
        found.copies.append(f"{copy} waits for its turn")
    else:
        since = f" for {seconds:.0f} s" if seconds is not None else ""
        found.copies.append(f"{copy} is under way{since}")
