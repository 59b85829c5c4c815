"""Who blocks us: a second session that looks while we wait for a lock.

After a lock timeout nobody can say who held the lock, so it is seen during the wait. The second
connection is opened only when something takes a good part of the lock timeout.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.lexer import shorten

_LONGEST_QUIET_S, _LONGEST_INTERVAL_S = 0.2, 0.1

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
        self._watching = threading.Event()
        self._closing = threading.Event()
        self._idle = threading.Event()
        self._thread: threading.Thread | None = None
        self._blockers: tuple[Blocker, ...] = ()

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """The sessions that were last seen blocking during the last watch; () = none."""
        return self._blockers

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch the session while the block runs."""
        self._blockers = ()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pgerp-blockers", daemon=True)
            self._thread.start()
        self._idle.clear()
        self._watching.set()
        try:
            yield
        finally:
            self._watching.clear()
            self._idle.set()

    def close(self) -> None:
        """End the thread and its connection."""
        self._closing.set()
        self._watching.set()
        self._idle.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        conn: Connection | None = None
        try:
            while self._watching.wait() and not self._closing.is_set():
                if self._idle.wait(self._interval_s if conn else self._quiet_s):
                    continue
                conn = conn or self._connect()
                self._look(conn)
        except (psycopg.Error, PgerpError):
            pass  # Without a second connection the blocker stays unnamed; the work goes on.
        finally:
            if conn is not None:
                conn.close()

    def _look(self, conn: Connection) -> None:
        with conn.cursor(row_factory=class_row(Blocker)) as cursor:
            found = tuple(cursor.execute(_BLOCKERS, {"pid": self._pid}).fetchall())
        if found:
            self._blockers = found
