"""One runner at a time in a database: a session advisory lock that is polled, never waited for.

A blocking wait would hold a snapshot and so deadlock with CREATE INDEX CONCURRENTLY of the runner
that has the lock. The lock goes with its session; `client_connection_check_interval` makes the
server notice within a second that a runner was killed, even in the middle of a statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.lexer import shorten

KEY = 0x7067657270000001
"""Key of pg_try_advisory_lock: "pgerp" in ASCII, then 1."""

CHECK_INTERVAL_MS = 1000
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5
_TELL_AFTER_S, _TELL_EVERY_S = 0.3, 5.0

_HOLDER = """
SELECT a.pid, coalesce(a.usename, '?') AS role, coalesce(a.application_name, '') AS application,
    coalesce(host(a.client_addr), 'local socket') AS host, a.backend_start AS since,
    coalesce(a.query, '') AS query
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND l.classid::bigint = %(high)s AND l.objid::bigint = %(low)s
"""


@dataclass(frozen=True)
class Holder:
    """The session that holds the lock."""

    pid: int
    role: str
    application: str
    host: str
    since: datetime
    query: str

    def __str__(self) -> str:
        """Return one phrase that names the session."""
        return (
            f'pid {self.pid} (role {self.role}, from {self.host}, application "{self.application}"'
            f", since {self.since:%Y-%m-%d %H:%M:%S %Z}, query: {shorten(self.query, 80)})"
        )


def acquire(conn: Connection, wait_s: float, on_wait: Callable[[str], None]) -> None:
    """Take the runner's lock for this session.

    Args:
        conn: The runner's connection, in autocommit mode and without a transaction.
        wait_s: How long to try, in seconds; 0 = once.
        on_wait: Called with one sentence when waiting begins and every few seconds.

    Raises:
        PgerpError: the lock is still held after `wait_s`; or a connection pooler stands between,
            where a session lock may be left behind on a session of somebody else.
    """
    refuse_pooler(conn)
    started = time.monotonic()
    pause, tell_at = _FIRST_PAUSE_S, started + _TELL_AFTER_S
    while not _try(conn):
        now = time.monotonic()
        if now - started >= wait_s:
            holder = find_holder(conn)
            raise PgerpError(
                f"another runner works on this database: {holder or 'it has just finished'}",
                sqlstate="55P03",
                hint="Wait for it, give more time with --lock-wait SECONDS, or end it"
                + (f" with SELECT pg_terminate_backend({holder.pid})." if holder else "."),
            )
        if now >= tell_at:
            holder = find_holder(conn)
            if holder:
                on_wait(f"waiting for another runner: {holder}")
                tell_at = now + _TELL_EVERY_S
        time.sleep(min(pause, max(started + wait_s - now, 0)))
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def find_holder(conn: Connection) -> Holder | None:
    """Return the session that holds the runner's lock in this database, if there is one."""
    with conn.cursor(row_factory=class_row(Holder)) as cursor:
        cursor.execute(_HOLDER, {"high": KEY >> 32, "low": KEY & 0xFFFFFFFF})
        return cursor.fetchone()


def detect_dead_client(conn: Connection) -> int:
    """Have the server end this session's statements soon after this process dies.

    Returns:
        The interval at which it looks, in milliseconds; 0 where its system cannot.
    """
    try:
        conn.execute(f"SET client_connection_check_interval = {CHECK_INTERVAL_MS}".encode())
    except psycopg.errors.InvalidParameterValue:
        return 0
    return CHECK_INTERVAL_MS


def refuse_pooler(conn: Connection) -> None:
    """Refuse a connection through PgBouncer and the like.

    Raises:
        PgerpError: the server's process is not the one that the connection was told of.
    """
    row = conn.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    if row is not None and row[0] != conn.info.backend_pid:
        raise PgerpError(
            "the connection goes through a pooler",
            where=f"{conn.info.host}:{conn.info.port}",
            detail="Session locks and settings are not safe there.",
            hint="Use the address of the PostgreSQL server itself for migrations.",
        )


def _try(conn: Connection) -> bool:
    row = conn.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (KEY,)).fetchone()
    return bool(row and row[0])
