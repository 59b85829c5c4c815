"""Every entry debits one account: against entries that spread, and against one row per balance.

A reader compares, again and again and in one snapshot, the balance of the hot account with the sum
of its lines; it runs beside every contestant, since it takes time from them.

One row per balance hurts when its holder waits for a commit. On a disk that commits in a tenth of a
millisecond he hardly does; so the same again with commits that take longer, in the same run.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from statistics import median
from typing import Any

import psycopg

from bench.ledger import commits
from bench.ledger.books import LOGIN, Books
from bench.ledger.contestants import Contestant
from bench.ledger.load import run_load
from bench.ledger.options import Options
from bench.ledger.servers import Server
from bench.ledger.single import warm_up
from bench.ledger.targets import Target
from bench.support import print_table

_PAUSE_S = 0.25
_DELAYED = ("ledger, spread", "ledger, hot", "naive, hot")


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
    with psycopg.connect(books.url, autocommit=True) as conn:
        # The sum of the lines for the reader; a client may not have it under its own name.
        if "pgledger" in by_name:
            conn.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA pgledger TO {LOGIN}".encode())
    delays = {"": 0.0}
    if options.commit_delay and not commits.can_delay(books):
        print("hot: fsync is off, so commits cannot be made to take longer; no such rows")
    elif options.commit_delay:
        delays[f", commits {options.commit_delay:g} ms longer"] = options.commit_delay
    figures: dict[str, Any] = {}
    for number in range(options.rounds):
        for suffix, delay in delays.items():
            with _commits(books, delay) as taken:
                for name, (one, script) in runs.items():
                    if delay and name not in _DELAYED:
                        continue
                    reader = Reader(books, one.exact)
                    reader.start()
                    load = run_load(
                        server, books, script, one.options, clients=clients, seconds=options.seconds
                    )
                    row = figures.setdefault(
                        name + suffix, {"rates": [], "reads": 0, "commits_ms": []}
                    )
                    row["reads"] += reader.stop()
                    row["rates"].append(round(load.rate))
                    row["commits_ms"].append(round(taken, 3))
                    print(
                        f"round {number + 1}: {name}{suffix}: {load.rate:,.0f}/s", file=sys.stderr
                    )
    # The delayed rows last, also where there are several rounds.
    figures = {name: figures[name] for name in sorted(figures, key=lambda one: "longer" in one)}
    for row in figures.values():
        row |= {"rate": round(median(row["rates"])), "commit_ms": median(row["commits_ms"])}
    targets = []
    for suffix in delays:
        spread, hot, naive = (figures[name + suffix]["rate"] for name in _DELAYED)
        targets += [
            Target(f"one hot account, × the spread rate{suffix}", hot / spread, at_least=0.9),
            Target(f"one hot account, × naive{suffix}", hot / naive, at_least=4),
        ]
    print_table(
        f"One hot account at {clients} clients; server {server.kind}, medians of "
        f"{options.rounds} rounds of {options.seconds} s",
        ["", "entries/s", "a commit, ms", "exact reads"],
        [
            [name, f"{row['rate']:,}", f"{row['commit_ms']:.2f}", str(row["reads"])]
            for name, row in figures.items()
        ],
    )
    return figures, targets


@contextlib.contextmanager
def _commits(books: Books, delay: float) -> Iterator[float]:
    """Delay commits, if at all; yield the milliseconds that one takes."""
    if delay:
        with commits.delayed(books, delay) as taken:
            yield taken
    else:
        yield commits.latency_ms(books)
