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
    taken = []
    with books.client() as conn:
        for _ in range(_COMMITS):
            conn.execute("BEGIN")
            # The least that makes a commit wait for the disk.
            conn.execute("SELECT pg_logical_emit_message(true, 'bench', '')")
            started = time.perf_counter()
            conn.execute("COMMIT")
            taken.append((time.perf_counter() - started) * _MS)
    return median(taken)


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
            taken = latency_ms(books)
            if taken < delay_ms:
                raise AssertionError(
                    f"a commit takes {taken:.2f} ms though it was to be delayed by {delay_ms} ms"
                )
            yield taken
        finally:
            for name in ("commit_delay", "commit_siblings"):
                conn.execute(f"ALTER ROLE {LOGIN} RESET {name}".encode())
