"""Entries of two lines, one a transaction: rate, CPU, WAL and disk of each contestant."""

from __future__ import annotations

import sys
from collections import defaultdict
from statistics import median
from typing import Any

import psycopg

from bench.ledger import profile
from bench.ledger.books import Books, value
from bench.ledger.contestants import Contestant
from bench.ledger.load import Load, run_load
from bench.ledger.options import Options
from bench.ledger.plans import entry_reads
from bench.ledger.servers import Server
from bench.ledger.targets import Target
from bench.support import print_table
from pgerp.db import connect

_SIZE = """
SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c
WHERE c.relkind IN ('r', 'm') AND c.relnamespace = %s::regnamespace
"""
_ENTRY = b"""
SELECT ledger.create_journal_entry(
    'B1', date_trunc('month', current_date)::date, 'Sale at the till',
    '[{"account": "1001", "debit": "5.25"}, {"account": "4001", "credit": "5.25"}]'
)
"""
_MANY = 3
CPU = "server CPU per entry, µs"
RATIO = "× raw at {clients} clients"
Loads = dict[tuple[str, int], list[Load]]


def warm_up(
    server: Server, books: Books, contestants: list[Contestant], options: Options
) -> dict[str, Any]:
    """Let each post for a while, then VACUUM ANALYZE; return the rates, and what an entry reads.

    A table without statistics looks empty to the planner, and a plan made then may stay.
    """
    with connect(books.url) as conn:
        conn.execute("CHECKPOINT")
        rates = {
            one.name: run_load(
                server,
                books,
                one.spread,
                one.options,
                clients=options.clients[-1],
                seconds=options.warm_up,
            ).rate
            for one in contestants
        }
        with books.client() as client:
            before = entry_reads(client, _ENTRY)
        conn.execute("VACUUM ANALYZE")
        with books.client() as client:
            after = entry_reads(client, _ENTRY)
    _report_reads(before, after)
    return {"rate_before_statistics": rates, "reads_before_statistics": before, "reads": after}


def _report_reads(before: dict[str, int], after: dict[str, int]) -> None:
    """Print what an entry reads; much more without statistics means plans for empty tables."""
    print_table(
        "What one entry reads (entries of an index, rows of a table): without statistics, with",
        ["", "without", "with"],
        [
            [name, f"{before.get(name, 0):,}", f"{after.get(name, 0):,}"]
            for name in {**before, **after}
            if max(before.get(name, 0), after.get(name, 0)) >= _MANY
        ],
    )


def take_turns(
    server: Server, books: Books, contestants: list[Contestant], options: Options
) -> Loads:
    """Let all post in turns, in rounds that begin with another each time."""
    loads: Loads = defaultdict(list)
    for number in range(options.rounds):
        for clients in options.clients:
            turn = number % len(contestants)
            for one in contestants[turn:] + contestants[:turn]:
                load = run_load(
                    server, books, one.spread, one.options, clients=clients, seconds=options.seconds
                )
                loads[one.name, clients].append(load)
                print(
                    f"round {number + 1}: {one.name}, {clients} clients: {load.rate:,.0f}/s",
                    file=sys.stderr,
                )
    return loads


def measure(
    server: Server, books: Books, contestants: list[Contestant], options: Options
) -> tuple[dict[str, Any], list[Target]]:
    """Run the part; return its figures and how the targets were met."""
    warmed = warm_up(server, books, contestants, options)
    with connect(books.url) as conn:
        sizes = {one.name: _size(conn, one) for one in contestants}
        loads = take_turns(server, books, contestants, options)
        disk = {
            one.name: (_size(conn, one) - sizes[one.name])
            / sum(
                load.entries
                for (name, _), some in loads.items()
                for load in some
                if name == one.name
            )
            for one in contestants
        }
    figures: dict[str, Any] = {
        one.name: {
            "rate_before_statistics": round(warmed["rate_before_statistics"][one.name]),
            "disk_bytes": round(disk[one.name]),
            "clients": {str(n): summary(loads[one.name, n]) for n in options.clients},
        }
        for one in contestants
    }
    _report(server, figures, options)
    figures["ledger"] |= {name: warmed[name] for name in ("reads_before_statistics", "reads")}
    figures["ledger"]["profile"] = profile.measure(server, books, contestants[0], options)
    return figures, _targets(figures, options)


def _size(conn: psycopg.Connection, contestant: Contestant) -> float:
    return float(value(conn, _SIZE, [contestant.schema]))


def summary(loads: list[Load]) -> dict[str, Any]:
    """Return the medians of one contestant's turns."""
    cpu = [load.cpu_us for load in loads if load.cpu_us is not None]
    records = [load.records for load in loads if load.records is not None]
    return {
        "rate": round(median(load.rate for load in loads)),
        "rates": [round(load.rate) for load in loads],
        "cpu_us": round(median(cpu), 1) if cpu else None,
        "wal_bytes": round(median(load.wal for load in loads)),
        "wal_bytes_without_pages": round(median(records)) if records else None,
    }


def _report(server: Server, figures: dict[str, Any], options: Options) -> None:
    raw = figures["raw"]["clients"]
    rows = [
        [
            f"{name}, {clients} clients" if int(clients) > 1 else f"{name}, 1 client",
            f"{one['rate']:,}",
            f"{one['rate'] / raw[clients]['rate']:.2f}",
            f"{one['cpu_us']:.0f}" if one["cpu_us"] else "?",
            f"{one['wal_bytes']:,}",
            f"{one['wal_bytes_without_pages']:,}" if one["wal_bytes_without_pages"] else "?",
            f"{figures[name]['disk_bytes']:,}",
        ]
        for clients in map(str, options.clients)
        for name in figures
        for one in [figures[name]["clients"][clients]]
    ]
    print_table(
        f"Entries of two lines, one a transaction; server {server.kind}, medians of "
        f"{options.rounds} rounds of {options.seconds} s",
        ["", "entries/s", "× raw", "CPU µs", "WAL B", "without pages", "disk B"],
        rows,
    )


def _targets(figures: dict[str, Any], options: Options) -> list[Target]:
    ledger, raw = figures["ledger"]["clients"], figures["raw"]["clients"]
    first = ledger[str(options.clients[0])]
    found = [
        Target(CPU, first["cpu_us"], at_most=250, stretch=180),
        Target("WAL per entry, bytes", first["wal_bytes"], at_most=1600),
    ]
    for clients in map(str, options.clients[1:]):
        ratio = ledger[clients]["rate"] / raw[clients]["rate"]
        found.append(Target(RATIO.format(clients=clients), ratio, at_least=0.4, stretch=0.6))
    return found
