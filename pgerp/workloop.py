"""The loop of a worker: it waits for notifications, works, and ends when a signal says so.

What is worked on is the caller's: events (`pgerp.services.worker`), messages
(`pgerp.messaging.worker`).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import psycopg

from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.history import Connection

IDLE_S = 1.0
"""How long a worker waits for a notification before it looks again: attempts come due by time."""

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
"""How long it waits before it tries again after an error: twice as long each time, at most this."""

GRACE_S = 5.0
"""How long what runs may take after a signal, before its transaction is cancelled."""

LAST_S = 3.0
"""How long a cancelled transaction may take to end, before it is left to its server."""


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
        """Cancel what they run: it is rolled back, and done later."""
        with self._lock:
            for conn in self._open:
                with suppress(psycopg.Error):
                    conn.cancel_safe(timeout=1)


def run(
    url: str,
    drain: Callable[[Connection], None],
    stop: threading.Event,
    *,
    name: str,
    channel: str,
    label: str,
    say: Callable[[str], None],
    once: bool = False,
    sessions: Sessions | None = None,
) -> None:
    """Work on one database until `stop` is set, through restarts of its server.

    Args:
        url: Where the database is.
        drain: Does what is due, with a connection in autocommit mode, until nothing is left.
        stop: Ends the work.
        name: The application name of the session.
        channel: Notifications on it wake the worker.
        label: What stands before what is said.
        say: Called with one line when the database is gone or refuses.
        once: End when nothing is due.
        sessions: Those among which its connection is to be.

    Raises:
        PgerpError, psycopg.Error: `once`, and the database cannot be reached or refuses.
    """
    sessions = sessions or Sessions()
    pause = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            with connect(url, application_name=name) as conn, sessions.holding(conn):
                conn.execute(f"LISTEN {channel}")
                while not stop.is_set():
                    drain(conn)
                    pause = FIRST_PAUSE_S
                    if once:
                        return
                    _wait(conn, stop)
        except (psycopg.Error, PgerpError) as error:
            if stop.is_set():
                break
            if once:
                raise
            reason = str(error).split("\n", 1)[0]
            say(f"{label}: {reason}; trying again in {pause:g} s")
            stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)


def run_threads(
    jobs: Mapping[str, Callable[[threading.Event, Sessions], None]], grace_s: float | None = None
) -> None:
    """Run jobs, each in a thread of its own, until all have ended, or SIGTERM or SIGINT comes.

    After a signal, what runs is finished, or cancelled when it takes longer than `grace_s`.

    Args:
        jobs: By the name of the thread; each is called with what tells it to stop, and with the
            sessions that its connection is to be among.
        grace_s: Seconds; GRACE_S unless given.

    Raises:
        Exception: The first that ended a job; all others are told to stop.
    """
    stop = threading.Event()
    sessions = Sessions()
    errors: list[Exception] = []

    def work(job: Callable[[threading.Event, Sessions], None]) -> None:
        try:
            job(stop, sessions)
        except Exception as error:
            errors.append(error)
            stop.set()

    threads = [
        threading.Thread(target=work, args=[job], name=name, daemon=True)
        for name, job in jobs.items()
    ]
    with _stopping(stop):
        for thread in threads:
            thread.start()
        # In steps: a signal is seen between them.
        while (alive := _alive(threads)) and not stop.is_set():
            alive[0].join(0.2)
        _join(threads, GRACE_S if grace_s is None else grace_s)
        if _alive(threads):
            sessions.cancel()
            _join(threads, LAST_S)
    if errors:
        raise errors[0]


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
