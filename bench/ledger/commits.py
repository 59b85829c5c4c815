"""How long a commit takes, and commits that take longer, as on network storage.

PostgreSQL waits `commit_delay` before it flushes a commit when at least `commit_siblings` other
transactions are open; with none demanded it always waits. It does so under the lock of the flush,
so that all that commit meanwhile share the next one, as with a slow disk.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from statistics import median

from bench.ledger.books import LOGIN, Books, value
from pgerp.db import connect

_COMMITS = 50
_MS = 1000


def latency_ms(books: Books) -> float:
    """Return what a commit of one session of the client takes, in milliseconds; a median."""
    return median(_latencies(books))


def _latencies(books: Books) -> list[float]:
    """Return what each of some commits takes, the shortest first."""
    taken = []
    with books.client() as conn:
        for _ in range(_COMMITS):
            conn.execute("BEGIN")
            # The least that makes a commit wait for the disk.
            conn.execute("SELECT pg_logical_emit_message(true, 'bench', '')")
            started = time.perf_counter()
            conn.execute("COMMIT")
            taken.append((time.perf_counter() - started) * _MS)
    return sorted(taken)


def can_delay(books: Books) -> bool:
    """Tell whether the server waits for its disk at all; without fsync it delays nothing."""
    with connect(books.url) as conn:
        return bool(value(conn, "SELECT current_setting('fsync')::boolean"))


@contextlib.contextmanager
def delayed(books: Books, delay_ms: float) -> Iterator[float]:
    """Have the commits of the client's new sessions take longer; yield what one takes then.

    Raises:
        AssertionError: They do not take longer.
    """
    with connect(books.url) as conn:
        for setting in (f"commit_delay = {round(delay_ms * _MS)}", "commit_siblings = 0"):
            conn.execute(f"ALTER ROLE {LOGIN} SET {setting}".encode())
        try:
            taken = _latencies(books)
            # A slow disk must not pass for a delay, so the quick ones count; a few commits may be
            # flushed by another process before their own wait begins.
            quick = taken[len(taken) // 10]
            if quick < delay_ms:
                raise AssertionError(
                    f"commits take {quick:.2f} ms though each was to wait {delay_ms} ms"
                )
            yield median(taken)
        finally:
            for name in ("commit_delay", "commit_siblings"):
                conn.execute(f"ALTER ROLE {LOGIN} RESET {name}".encode())
