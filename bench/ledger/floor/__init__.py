"""What an entry costs at least: a ladder from a bare INSERT to the ledger, a demand at a time.

Every rung is the one below and one thing more, done in the cheapest way known. So what the last
rung costs is a bound for a ledger that does all that in SQL and PL/pgSQL.
"""

from __future__ import annotations

from typing import Any

import psycopg

from bench.ledger.books import Books, value
from bench.ledger.contestants import Contestant
from bench.ledger.floor.proofs import Prover
from bench.ledger.floor.steps import NAMES, contestants_of, make_step
from bench.ledger.options import Options
from bench.ledger.servers import Server
from bench.ledger.single import CPU, RATIO, summary, take_turns, warm_up
from bench.ledger.targets import Target
from bench.support import print_table
from pgerp.db import connect

_LAST = NAMES[max(NAMES)]


def make(conn: psycopg.Connection, books: Books) -> None:
    """Make the schema of each rung, and prove that it does what it is named for.

    Raises:
        MissingRung: It does not.
    """
    for step in NAMES:
        make_step(conn, step)
        Prover(conn, books, step).prove()


def measure(
    server: Server, books: Books, contestants: list[Contestant], options: Options
) -> tuple[dict[str, Any], list[Target]]:
    """Run the part; return its figures, and whether the floor itself would meet the targets."""
    by_name = {one.name: one for one in contestants}
    ladder = contestants_of(books, by_name["raw"], by_name["ledger"])
    with connect(books.url) as conn:
        make(conn, books)
    warm_up(server, books, ladder, options)
    loads = take_turns(server, books, ladder, options)
    with connect(books.url) as conn:
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.options["pgerp.token"]])
        for one in ladder:
            if not value(conn, one.exact):
                raise AssertionError(f"{one.name}: balances are not the sums of the lines")
    figures: dict[str, Any] = {
        one.name: {"clients": {str(n): summary(loads[one.name, n]) for n in options.clients}}
        for one in ladder
    }
    print_table(
        f"The floor: what each demand adds to an entry of two lines; server {server.kind}, "
        f"medians of {options.rounds} rounds of {options.seconds} s",
        ["", "entries/s", "× raw", "CPU µs", "more than above"],
        rows(figures),
    )
    return figures, _targets(figures, options)


def rows(figures: dict[str, Any]) -> list[list[str]]:
    """Return a row for each rung and number of clients: rate, × raw, CPU, what it adds of CPU."""
    first = next(iter(figures.values()))["clients"]
    found = []
    for clients, raw in first.items():
        below = None
        for name, one in figures.items():
            got = one["clients"][clients]
            cpu = got["cpu_us"]
            found.append(
                [
                    f"{name}, {clients} client" + ("" if clients == "1" else "s"),
                    f"{got['rate']:,}",
                    f"{got['rate'] / raw['rate']:.2f}",
                    f"{cpu:,.0f}" if cpu else "?",
                    f"{cpu - below:+,.0f}" if cpu and below else "",
                ]
            )
            below = cpu
    return found


def _targets(figures: dict[str, Any], options: Options) -> list[Target]:
    raw, floor = figures["0 raw"]["clients"], figures[_LAST]["clients"]
    first = floor[str(options.clients[0])]
    found = [Target(f"floor, all rungs: {CPU}", first["cpu_us"], at_most=250)]
    for clients in map(str, options.clients[1:]):
        ratio = floor[clients]["rate"] / raw[clients]["rate"]
        found.append(
            Target(f"floor, all rungs: {RATIO.format(clients=clients)}", ratio, at_least=0.4)
        )
    return found
