"""Who blocks us: a second session that looks while we wait for a lock.

After a lock timeout nobody can say who held the lock, so it is seen during the wait. The second
connection is opened only when something takes a good part of the lock timeout.

A signal's handler may raise at any moment in the session's thread. `threading` is written in
Python: an exception in the midst of Event.set leaves its lock taken for good, and then nobody
can tell the other thread to end. So the two share queues whose calls are single ones into C.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import psycopg
from psycopg.rows import class_row

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.lexer import shorten

_LONGEST_QUIET_S, _LONGEST_INTERVAL_S = 0.2, 0.1
_FAREWELL_S = 1.0

_BLOCKERS = """
SELECT a.pid, coalesce(a.usename, a.backend_type) AS role,
    coalesce(a.application_name, '') AS application, coalesce(a.state, '') AS state,
    coalesce(a.query, '') AS query,
    (SELECT CASE WHEN l.relation IS NULL THEN l.locktype ELSE l.relation::regclass::text END
     FROM pg_catalog.pg_locks AS l WHERE l.pid = %(pid)s AND NOT l.granted LIMIT 1) AS target
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = ANY (pg_catalog.pg_blocking_pids(%(pid)s))
ORDER BY a.xact_start
"""


@dataclass(frozen=True)
class Blocker:
    """A session that holds what we wait for.

    Attributes:
        pid: Its process.
        role: Its user.
        application: Its application_name.
        state: "active", "idle in transaction", ….
        query: Its current or last query.
        target: The relation (or kind of lock) that we wait for.
    """

    pid: int
    role: str
    application: str
    state: str
    query: str
    target: str | None

    def __str__(self) -> str:
        """Return one phrase that names the session and what it holds."""
        holds = f" holds {self.target}" if self.target else ""
        return (
            f'pid {self.pid}{holds} (role {self.role}, application "{self.application}"'
            f", {self.state}, query: {shorten(self.query, 80)})"
        )


class BlockMonitor:
    """Watches one session from a thread of its own.

    Args:
        connect: Opens the second connection.
        pid: The server process to watch.
        lock_timeout_ms: How long it waits for a lock.
    """

    def __init__(self, connect: Callable[[], Connection], pid: int, lock_timeout_ms: int) -> None:
        self._connect = connect
        self._pid = pid
        self._quiet_s = min(_LONGEST_QUIET_S, lock_timeout_ms / 2500)
        self._interval_s = min(_LONGEST_INTERVAL_S, lock_timeout_ms / 5000)
        # True: watch, False: pause, None: end.
        self._orders: SimpleQueue[bool | None] = SimpleQueue()
        self._ended: SimpleQueue[None] = SimpleQueue()
        self._started = False
        self._blockers: tuple[Blocker, ...] = ()

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """The sessions that were last seen blocking during the last watch; () = none."""
        return self._blockers

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch the session while the block runs."""
        self._blockers = ()
        if not self._started:
            _thread.start_new_thread(self._run, ())
            self._started = True
        self._orders.put(True)
        try:
            yield
        finally:
            self._orders.put(False)

    def close(self) -> None:
        """End the thread and its connection; does not wait for a server that does not answer."""
        self._orders.put(None)
        if self._started:
            with suppress(Empty):
                self._ended.get(timeout=_FAREWELL_S)

    def _run(self) -> None:
        conn: Connection | None = None
        watching: bool | None = False
        try:
            while watching is not None:
                pause = self._interval_s if conn else self._quiet_s
                try:
                    watching = self._orders.get(timeout=pause if watching else None)
                except Empty:
                    conn = conn or self._connect()
                    self._look(conn)
        except (psycopg.Error, PgerpError):
            pass  # Without a second connection the blocker stays unnamed; the work goes on.
        finally:
            if conn is not None:
                conn.close()
            self._ended.put(None)

    def _look(self, conn: Connection) -> None:
        with conn.cursor(row_factory=class_row(Blocker)) as cursor:
            found = tuple(cursor.execute(_BLOCKERS, {"pid": self._pid}).fetchall())
        if found:
            self._blockers = found
