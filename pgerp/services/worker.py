"""A worker has the handlers of one database act upon what arrived; several may run at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import tuple_row

from pgerp import workloop
from pgerp.history import Connection
from pgerp.services.topology import Service
from pgerp.workloop import Sessions

CHANNEL = "pgerp_events"
NAME = "pgerp services worker"
"""The application name of its sessions, by which events.worker_status finds them."""

BATCH = 50
"""Events in one transaction."""


@dataclass
class Tally:
    """What a worker has done."""

    handled: int = 0
    failed: int = 0
    parked: int = 0

    def add(self, row: tuple[int, int, int]) -> None:
        """Add the result of one call of events.work."""
        self.handled += row[0]
        self.failed += row[1]
        self.parked += row[2]


def drain(
    conn: Connection, stop: threading.Event, batch: int = BATCH, total: Tally | None = None
) -> Tally:
    """Act upon what is due, for every tenant, until nothing is left or `stop` is set.

    Args:
        conn: A connection in autocommit mode of a member of pgerp_worker.
        stop: Ends the work after the transaction that runs.
        batch: Events in one transaction.
        total: What has been done is added to this too, also when the rest fails.

    Raises:
        psycopg.Error: a transaction failed as a whole; those of other tenants were tried too,
            unless the connection is gone.
    """
    tally = Tally()
    failure: psycopg.Error | None = None
    with conn.cursor(row_factory=tuple_row) as cursor:
        tenants = [tenant for (tenant,) in cursor.execute("SELECT events.tenants_with_work()")]
        for tenant in tenants:
            try:
                while not stop.is_set():
                    row = cursor.execute(
                        "SELECT handled, failed, parked FROM events.work(%s, %s)", [tenant, batch]
                    ).fetchone()
                    assert row is not None
                    tally.add(row)
                    if total:
                        total.add(row)
                    if row[0] + row[1] == 0:
                        break
            except psycopg.Error as error:
                if conn.closed:
                    raise
                failure = failure or error
    if failure:
        raise failure
    return tally


def run(
    service: Service,
    stop: threading.Event,
    *,
    say: Callable[[str], None],
    once: bool = False,
    sessions: Sessions | None = None,
) -> Tally:
    """Work for one service until `stop` is set, through restarts of its server.

    Args:
        service: Whose database.
        stop: Ends the work after the transaction that runs.
        say: Called with one line when events fail or are parked, or the database is gone.
        once: End when nothing is due.
        sessions: Those among which its connection is to be.

    Raises:
        PgerpError, psycopg.Error: `once`, and the database cannot be reached or refuses.
    """
    total = Tally()

    def act(conn: Connection) -> None:
        done = drain(conn, stop, total=total)
        if done.failed:
            say(f"{service.name}: {done.failed} failed, {done.parked} parked")

    workloop.run(
        service.url,
        act,
        stop,
        name=NAME,
        channel=CHANNEL,
        label=service.name,
        say=say,
        once=once,
        sessions=sessions,
    )
    return total


def run_all(
    services: Sequence[Service], *, workers: int, say: Callable[[str], None], once: bool = False
) -> Tally:
    """Work for several services until SIGTERM or SIGINT, each in threads of its own.

    After a signal, what runs is finished, or rolled back when it takes longer than
    workloop.GRACE_S.

    Raises:
        PgerpError: `once`, and a database cannot be reached.
    """
    tallies: list[Tally] = []

    def job(service: Service) -> Callable[[threading.Event, Sessions], None]:
        return lambda stop, sessions: tallies.append(
            run(service, stop, say=say, once=once, sessions=sessions)
        )

    workloop.run_threads(
        {
            f"{service.name}-{number}": job(service)
            for service in services
            for number in range(1 if once else workers)
        }
    )
    total = Tally()
    for tally in tallies:
        total.add((tally.handled, tally.failed, tally.parked))
    return total
