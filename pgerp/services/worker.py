"""A worker has the handlers of one database act upon what arrived; several may run at once."""

from __future__ import annotations

import signal
import threading
import time
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

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
"""How long it waits before it tries again after an error: twice as long each time, at most this."""

GRACE_S = 5.0
"""How long the transaction that runs may take after a signal, before it is cancelled."""

LAST_S = 3.0
"""How long a cancelled transaction may take to end, before it is left to its server."""


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


class Sessions:
    """The connections of workers, so that what takes too long can be cancelled."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Connection] = set()

    @contextmanager
    def holding(self, conn: Connection) -> Iterator[None]:
        """Count a connection among them while the block runs."""
        with self._lock:
            self._open.add(conn)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(conn)

    def cancel(self) -> None:
        """Cancel what they run: it is rolled back, and the events are acted upon later."""
        with self._lock:
            for conn in self._open:
                with suppress(psycopg.Error):
                    conn.cancel_safe(timeout=1)


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
    sessions = sessions or Sessions()
    pause = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            with (
                connect(service.url, application_name=NAME) as conn,
                sessions.holding(conn),
            ):
                conn.execute(f"LISTEN {CHANNEL}")
                while not stop.is_set():
                    done = drain(conn, stop, total=total)
                    pause = FIRST_PAUSE_S
                    if done.failed:
                        say(f"{service.name}: {done.failed} failed, {done.parked} parked")
                    if once:
                        return total
                    _wait(conn, stop)
        except (psycopg.Error, PgerpError) as error:
            if stop.is_set():
                break
            if once:
                raise
            reason = str(error).split("\n", 1)[0]
            say(f"{service.name}: {reason}; trying again in {pause:g} s")
            stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
    return total


def run_all(
    services: Sequence[Service], *, workers: int, say: Callable[[str], None], once: bool = False
) -> Tally:
    """Work for several services until SIGTERM or SIGINT, each in threads of its own.

    After a signal, what runs is finished, or rolled back when it takes longer than GRACE_S.

    Raises:
        PgerpError: `once`, and a database cannot be reached.
    """
    stop = threading.Event()
    sessions = Sessions()
    tallies: list[Tally] = []
    errors: list[Exception] = []

    def work(service: Service) -> None:
        try:
            tallies.append(run(service, stop, say=say, once=once, sessions=sessions))
        except Exception as error:
            errors.append(error)
            stop.set()

    threads = [
        threading.Thread(target=work, args=[service], name=f"{service.name}-{number}", daemon=True)
        for service in services
        for number in range(1 if once else workers)
    ]
    with _stopping(stop):
        for thread in threads:
            thread.start()
        # In steps: a signal is seen between them.
        while (alive := _alive(threads)) and not stop.is_set():
            alive[0].join(0.2)
        _join(threads, GRACE_S)
        if _alive(threads):
            sessions.cancel()
            _join(threads, LAST_S)
    if errors:
        raise errors[0]
    total = Tally()
    for tally in tallies:
        total.add((tally.handled, tally.failed, tally.parked))
    return total


def _alive(threads: Sequence[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threads if thread.is_alive()]


def _join(threads: Sequence[threading.Thread], patience_s: float) -> None:
    """Wait for threads to end, together no longer than that."""
    end = time.monotonic() + patience_s
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


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
