"""A thousand entries a call, against one entry a call, by one client."""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import date, timedelta
from statistics import median
from typing import Any

from bench.ledger.books import Books
from bench.ledger.contestants import Contestant
from bench.ledger.load import run_load
from bench.ledger.options import Options
from bench.ledger.servers import Server
from bench.ledger.single import warm_up
from bench.ledger.targets import Target
from bench.support import print_table

_SIZE = 1000
_DIFFERENT = 8
_CALL = b"SELECT count(*), count(r.error) FROM ledger.create_journal_entries(%s::jsonb) AS r"


def _batch(chance: random.Random) -> str:
    """Return entries like those of the scripts, as a client sends them."""
    first = date.today().replace(day=1)
    entries = []
    for _ in range(_SIZE):
        amount = f"{chance.randrange(1, 100_000)}.25"
        entries.append(
            {
                "business": "B1",
                "date": str(first + timedelta(days=chance.randrange(28))),
                "description": "Sale at the till",
                "lines": [
                    {"account": str(chance.randrange(1001, 1101)), "debit": amount},
                    {"account": str(chance.randrange(4001, 4101)), "credit": amount},
                ],
            }
        )
    return json.dumps(entries)


def measure(
    server: Server, books: Books, contestants: list[Contestant], options: Options
) -> tuple[dict[str, Any], list[Target]]:
    """Run the part; return its figures and how the targets were met."""
    if "single" not in options.parts:
        warm_up(server, books, contestants, options)
    chance = random.Random(4711)
    batches = [_batch(chance) for _ in range(_DIFFERENT)]
    (ledger,) = (one for one in contestants if one.name == "ledger")
    single: list[float] = []
    batched: list[float] = []
    with books.client() as conn:
        for number in range(options.rounds):
            load = run_load(
                server, books, ledger.spread, ledger.options, clients=1, seconds=options.seconds
            )
            single.append(load.rate)
            calls, started = 0, time.perf_counter()
            while not calls or time.perf_counter() - started < options.seconds:
                done = conn.execute(_CALL, [batches[calls % _DIFFERENT]], prepare=True).fetchone()
                assert done == (_SIZE, 0), done
                calls += 1
            batched.append(calls * _SIZE / (time.perf_counter() - started))
            print(
                f"round {number + 1}: {single[-1]:,.0f}/s singly, {batched[-1]:,.0f}/s in batches",
                file=sys.stderr,
            )
    one, many = median(single), median(batched)
    print_table(
        f"One client; server {server.kind}, medians of {options.rounds} rounds",
        ["", "entries/s", "× singly"],
        [
            ["an entry a call", f"{one:,.0f}", "1.00"],
            [f"{_SIZE:,} entries a call", f"{many:,.0f}", f"{many / one:.2f}"],
        ],
    )
    figures = {
        "single_rate": round(one),
        "batch_rate": round(many),
        "batch_rates": [round(rate) for rate in batched],
    }
    return figures, [Target("batches of 1,000, × one at a time", many / one, at_least=8)]
