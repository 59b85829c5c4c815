"""Every entry debits one account: against entries that spread, and against one row per balance.

A reader compares, again and again and in one snapshot, the balance of the hot account with the sum
of its lines; it runs beside every contestant, since it takes time from them.
"""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from statistics import median
from typing import Any

import psycopg

from bench.ledger.books import LOGIN, Books
from bench.ledger.contestants import Contestant
from bench.ledger.load import run_load
from bench.ledger.options import Options
from bench.ledger.servers import Server
from bench.ledger.single import warm_up
from bench.ledger.targets import Target
from bench.support import print_table

_PAUSE_S = 0.25


class Reader(threading.Thread):
    """Asks whether the hot account's balance is exact until it is told to stop.

    Args:
        books: The books.
        query: One statement, hence one snapshot, that answers true or false.
    """

    def __init__(self, books: Books, query: str) -> None:
        super().__init__(daemon=True)
        self._conn = books.client()
        self._query = query.encode()
        self._done = threading.Event()
        self._failure: Exception | None = None
        self.reads = 0

    def run(self) -> None:
        """Ask, pause, ask again; remember what went wrong."""
        try:
            with self._conn:
                while not self._done.is_set():
                    row = self._conn.execute(self._query).fetchone()
                    # NULL: nothing has been posted yet.
                    if row is None or row[0] is False:
                        raise AssertionError("a balance was not the sum of its lines")
                    self.reads += 1
                    self._done.wait(_PAUSE_S)
        except (psycopg.Error, AssertionError) as error:
            self._failure = error

    def stop(self) -> int:
        """End; return how often it asked.

        Raises:
            AssertionError: A balance was wrong.
            psycopg.Error: It could not ask.
        """
        self._done.set()
        self.join()
        if self._failure:
            raise self._failure
        return self.reads


def measure(
    server: Server, books: Books, contestants: list[Contestant], options: Options
) -> tuple[dict[str, Any], list[Target]]:
    """Run the part; return its figures and how the targets were met."""
    if "single" not in options.parts:
        warm_up(server, books, contestants, options)
    clients = options.clients[-1]
    by_name = {one.name: one for one in contestants}
    runs = {"ledger, spread": (by_name["ledger"], by_name["ledger"].spread)}
    runs |= {f"{name}, hot": (one, one.hot) for name, one in by_name.items() if name != "raw"}
    rates: dict[str, list[float]] = defaultdict(list)
    reads: dict[str, int] = defaultdict(int)
    with psycopg.connect(books.url, autocommit=True) as conn:
        # The sum of the lines for the reader; a client may not have it under its own name.
        if "pgledger" in by_name:
            conn.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA pgledger TO {LOGIN}".encode())
    for number in range(options.rounds):
        for name, (one, script) in runs.items():
            reader = Reader(books, one.exact)
            reader.start()
            load = run_load(
                server, books, script, one.options, clients=clients, seconds=options.seconds
            )
            reads[name] += reader.stop()
            rates[name].append(load.rate)
            print(f"round {number + 1}: {name}: {load.rate:,.0f}/s", file=sys.stderr)
    medians = {name: median(values) for name, values in rates.items()}
    spread, hot = medians["ledger, spread"], medians["ledger, hot"]
    print_table(
        f"One hot account at {clients} clients; server {server.kind}, medians of "
        f"{options.rounds} rounds of {options.seconds} s",
        ["", "entries/s", "× ledger, spread", "exact reads"],
        [
            [name, f"{rate:,.0f}", f"{rate / spread:.2f}", str(reads[name])]
            for name, rate in medians.items()
        ],
    )
    figures = {
        name: {"rate": round(rate), "rates": [round(r) for r in rates[name]], "reads": reads[name]}
        for name, rate in medians.items()
    }
    return figures, [
        Target("one hot account, × the spread rate", hot / spread, at_least=0.9),
        Target("one hot account, × naive", hot / medians["naive, hot"], at_least=4),
    ]
