"""Post, import and read on one server after the other, and say how the targets were met.

Every server is durable, with PostgreSQL's defaults but for what the embedded server sets, and
wal_level replica. Contestants take turns in rounds and medians count, so that a busy machine hurts
all alike.
"""

from __future__ import annotations

from typing import Any

from bench.ledger import batch, curve, floor, hot, imported, read, single
from bench.ledger.books import drop_client, open_books
from bench.ledger.contestants import make
from bench.ledger.options import Options, parse
from bench.ledger.servers import Server, own_database, start
from bench.ledger.targets import Target, print_targets
from bench.support import RESULTS, ROOT, save
from pgerp.db import connect
from tests.servers import Unavailable

POSTING = {
    "single": single.measure,
    "floor": floor.measure,
    "hot": hot.measure,
    "batch": batch.measure,
}


def run(arguments: list[str]) -> None:
    """Measure, print the tables, write the results."""
    options = parse(arguments, __doc__)
    told = {name: str(given) for name, given in vars(options).items() if name != "servers"}
    facts: dict[str, Any] = {"options": told}
    for kind in options.servers:
        # An address may hold a password.
        name = kind if kind.isdigit() else "URL"
        try:
            facts[name] = _on_server(kind, options)
        except Unavailable as error:
            print(f"server {name} is skipped: {error}")
            facts[name] = {"skipped": str(error)}
    save("ledger", facts)


def _on_server(kind: str, options: Options) -> dict[str, Any]:
    """Run the chosen parts on a server of one kind."""
    facts: dict[str, Any] = {}
    targets: list[Target] = []
    if any(part in POSTING for part in options.parts):
        with start(kind) as server:
            facts["settings"] = server.describe()
            _post(server, options, facts, targets)
    if "import" in options.parts:
        targets += imported.measure(kind, options, facts)
    if "read" in options.parts:
        with start(kind, durable=False) as server:
            facts["read"], met = read.measure(server, options)
            targets += met
        RESULTS.mkdir(exist_ok=True)
        picture = RESULTS / f"ledger-curve-{server.kind}.svg"
        title = f"Balances and statements over seven years, PostgreSQL {server.kind}"
        picture.write_text(curve.draw(curve.curves(facts["read"]), title))
        print(f"drawn in {picture.relative_to(ROOT)}")
    print_targets(kind if kind.isdigit() else "URL", targets)
    facts["targets"] = [one.facts() for one in targets]
    return facts


def _post(server: Server, options: Options, facts: dict[str, Any], targets: list[Target]) -> None:
    """Run the parts that post."""
    with drop_client(server.url), own_database(server, "pgerp_bench") as url:
        books = open_books(url)
        with connect(url) as conn:
            contestants = make(conn, books, options.pgledger)
        if server.data is None:
            print("CPU and pages in WAL are not measured: the server's processes are elsewhere")
        for part in options.parts:
            if part in POSTING:
                facts[part], met = POSTING[part](server, books, contestants, options)
                targets += met
