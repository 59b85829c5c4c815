"""What events cost: emitting, handling at once, arriving in another database, catching up."""

from __future__ import annotations

import argparse
from typing import Any

from bench import posting
from bench.events import arriving, emitting
from bench.ledger.books import open_books
from bench.support import own_server, print_table, save
from pgerp.db import connect
from pgerp.server import EmbeddedServer

PARTS = ("emit", "handler", "landing", "consumers")


def main(arguments: list[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench events", description=__doc__)
    parser.add_argument("--server", type=int, choices=(16, 18), default=18)
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; repeatable")
    parser.add_argument("--rounds", type=int, default=5, help="of emit and handler")
    parser.add_argument("--events", type=int, default=1000, help="in each turn of a round")
    parser.add_argument("--landings", type=int, default=300, help="events to follow to the end")
    parser.add_argument("--gap-ms", type=float, default=30, help="between two of them")
    parser.add_argument("--backlog", type=int, default=20000, help="events that wait for workers")
    parser.add_argument("--workers", type=int, action="append", help="repeatable; 1 and 4")
    options = parser.parse_args(arguments)
    parts = options.part or PARTS
    facts: dict[str, Any] = {"server": options.server}
    with own_server(options.server) as server:
        if {"emit", "handler"} & set(parts):
            facts |= _at_once(server, parts, options)
        if {"landing", "consumers"} & set(parts):
            facts |= _apart(server, parts, options)
    save("events", facts)


def _at_once(server: EmbeddedServer, parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Measure what happens in the transaction of who emits."""
    facts: dict[str, Any] = {}
    with connect(server.url("postgres")) as conn:
        conn.execute("CREATE DATABASE bench_events")
    books = open_books(server.url("bench_events"))
    if "emit" in parts:
        facts["emit"] = emitting.measure(books, rounds=options.rounds, events=options.events)
        bare = facts["emit"][emitting.BARE]
        print_table(
            f"One event, µs, medians of {options.rounds} rounds of {options.events}",
            ["", "server CPU", "ratio", "wall", "ratio"],
            [
                [
                    name,
                    f"{one['cpu']:.0f}",
                    f"{one['cpu'] / bare['cpu']:.2f}",
                    f"{one['wall']:.0f}",
                    f"{one['wall'] / bare['wall']:.2f}",
                ]
                for name, one in facts["emit"].items()
            ],
        )
    if "handler" in parts:
        posting.open_posting(books)
        with books.client() as client:
            facts["handler"] = posting.measure(
                client, rounds=options.rounds, entries=options.events
            )
        posting.show(facts["handler"], rounds=options.rounds, entries=options.events)
    return facts


def _apart(server: EmbeddedServer, parts: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Measure what happens between two databases."""
    facts: dict[str, Any] = {}
    with arriving.open_site(server) as site:
        if "landing" in parts:
            facts["landing"] = arriving.land(site, count=options.landings, gap_ms=options.gap_ms)
            print_table(
                f"From commit at the source to commit of the handler, ms, {options.landings} "
                f"events {options.gap_ms:g} ms apart; target of the median {arriving.LANDING_MS}",
                ["", "median", "95 %", "longest"],
                [
                    [name, *(f"{one[key]:.1f}" for key in ("median", "p95", "longest"))]
                    for name, one in facts["landing"].items()
                ],
            )
        if "consumers" in parts:
            workers = options.workers or [1, 4]
            facts["consumers"] = arriving.catch_up(site, backlog=options.backlog, workers=workers)
            print_table(
                f"Events per second of a backlog of {options.backlog}; target with 4 workers "
                f"{arriving.RATE:,}",
                ["", "workers", "events/s", "server CPU µs an event"],
                [
                    [one["name"], str(one["workers"]), f"{one['rate']:,.0f}", f"{one['cpu']:.0f}"]
                    for one in facts["consumers"]
                ],
            )
    return facts
