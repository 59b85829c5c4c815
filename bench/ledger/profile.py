"""Where the time of an entry goes: PostgreSQL's own record of the time in each function."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from bench.ledger.books import LOGIN, Books
from bench.ledger.contestants import Contestant
from bench.ledger.load import run_load
from bench.ledger.options import Options
from bench.ledger.servers import Server
from bench.support import print_table
from pgerp.db import connect

_TIMES = b"""
SELECT f.schemaname || '.' || f.funcname, f.calls, f.self_time
FROM pg_stat_user_functions AS f
"""
# A session hands over its statistics at the latest when it ends, a moment after its client.
_SETTLE_S = 1.5
_SHOWN = 12


def measure(
    server: Server, books: Books, contestant: Contestant, options: Options
) -> list[dict[str, Any]]:
    """Post by one client with the record switched on; return the costliest functions.

    Their times are wall clock, the record's own cost included: they tell proportions.
    """
    with connect(books.url) as conn:
        conn.execute(f"ALTER ROLE {LOGIN} SET track_functions = 'pl'".encode())
        before = _times(conn)
        load = run_load(
            server,
            books,
            contestant.spread,
            contestant.options,
            clients=1,
            seconds=options.seconds,
        )
        conn.execute(f"ALTER ROLE {LOGIN} RESET track_functions".encode())
        time.sleep(_SETTLE_S)
        after = _times(conn)
    spent = [
        {
            "function": name,
            "calls": round((calls - before.get(name, (0, 0.0))[0]) / load.entries, 2),
            "us": round((taken - before.get(name, (0, 0.0))[1]) * 1000 / load.entries, 1),
        }
        for name, (calls, taken) in after.items()
    ]
    spent.sort(key=lambda one: -float(str(one["us"])))
    print_table(
        f"Where the time goes: wall clock per entry by one client; server {server.kind}",
        ["function", "calls an entry", "µs an entry"],
        [[str(cell) for cell in one.values()] for one in spent[:_SHOWN]],
    )
    return spent[:_SHOWN]


def _times(conn: psycopg.Connection) -> dict[str, tuple[int, float]]:
    """Return calls and milliseconds by function."""
    return {name: (calls, taken) for name, calls, taken in conn.execute(_TIMES).fetchall()}
