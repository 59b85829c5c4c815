"""A worker has the handlers of one database act upon what arrived; several may run at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

import psycopg
from psycopg.rows import tuple_row

from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.services.topology import Service

CHANNEL = "pgerp_events"
NAME = "pgerp services worker"
"""The application name of its sessions, by which events.worker_status finds them."""

BATCH = 50
"""Events in one transaction."""

IDLE_S = 1.0
"""How long a worker waits for a notification before it looks again: attempts come due by time."""

PATIENCE_S = 5.0
"""How long it waits before it connects again."""


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


def drain(conn: Connection, stop: threading.Event, batch: int = BATCH) -> Tally:
    """Act upon what is due, for every tenant, until nothing is left or `stop` is set.

    Args:
        conn: A connection in autocommit mode of a member of pgerp_worker.
        stop: Ends the work after the transaction that runs.
        batch: Events in one transaction.
    """
    tally = Tally()
    with conn.cursor(row_factory=tuple_row) as cursor:
        tenants = [tenant for (tenant,) in cursor.execute("SELECT events.tenants_with_work()")]
        for tenant in tenants:
            while not stop.is_set():
                row = cursor.execute(
                    "SELECT handled, failed, parked FROM events.work(%s, %s)", [tenant, batch]
                ).fetchone()
                assert row is not None
                tally.add(row)
                if row[0] + row[1] == 0:
                    break
    return tally


def run(
    service: Service,
    stop: threading.Event,
    *,
    say: Callable[[str], None],
    once: bool = False,
) -> Tally:
    """Work for one service until `stop` is set, through restarts of its server.

    Args:
        service: Whose database.
        stop: Ends the work after the transaction that runs.
        say: Called with one line when events fail or are parked, or the database is gone.
        once: End when nothing is due.
    """
    total = Tally()
    while not stop.is_set():
        try:
            with connect(service.url, application_name=NAME) as conn:
                conn.execute(f"LISTEN {CHANNEL}")
                while not stop.is_set():
                    done = drain(conn, stop)
                    total.add((done.handled, done.failed, done.parked))
                    if done.failed:
                        say(f"{service.name}: {done.failed} failed, {done.parked} parked")
                    if once:
                        return total
                    _wait(conn, stop)
        except (psycopg.OperationalError, PgerpError) as error:
            if once:
                raise
            say(f"{service.name}: {error}; trying again in {PATIENCE_S:.0f} s")
            stop.wait(PATIENCE_S)
    return total


def run_all(
    services: Sequence[Service], *, workers: int, say: Callable[[str], None], once: bool = False
) -> Tally:
    """Work for several services until SIGTERM or SIGINT, each in threads of its own.

    Raises:
        PgerpError: `once`, and a database cannot be reached.
    """
    stop = threading.Event()
    tallies: list[Tally] = []
    errors: list[Exception] = []

    def work(service: Service) -> None:
        try:
            tallies.append(run(service, stop, say=say, once=once))
        except Exception as error:
            errors.append(error)
            stop.set()

    threads = [
        threading.Thread(target=work, args=[service], name=f"{service.name}-{number}")
        for service in services
        for number in range(1 if once else workers)
    ]
    with _stopping(stop):
        for thread in threads:
            thread.start()
        for thread in threads:
            # In steps: a signal is seen between them.
            while thread.is_alive():
                thread.join(0.2)
    if errors:
        raise errors[0]
    total = Tally()
    for tally in tallies:
        total.add((tally.handled, tally.failed, tally.parked))
    return total


def _wait(conn: Connection, stop: threading.Event) -> None:
    """Wait for a notification, `stop`, or until it is time to look again."""
    for _ in range(int(IDLE_S / 0.25)):
        if stop.is_set() or any(True for _ in conn.notifies(timeout=0.25, stop_after=1)):
            return


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Have SIGTERM and SIGINT set an event while the block runs."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    old = {}
    # Only the main thread of a program may set handlers; elsewhere the caller stops us.
    with suppress(ValueError):
        old = {n: signal.signal(n, on_signal) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
