"""Print the figures of a results file as the tables of bench/README.md.

`python -m bench.ledger.markdown RESULTS.json …`: later files add to what earlier ones lack.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.ledger import floor

Facts = dict[str, Any]


def tables(server: str, facts: Facts) -> Iterator[str]:
    """Yield the lines of all tables of one server."""
    version = facts.get("settings", {}).get("server_version", server).split()[0]
    if "single" in facts:
        yield from _single(version, facts["single"])
    if "floor" in facts:
        head = [f"what each demand adds, {version}", "entries/s", "× raw", "CPU µs"]
        yield from _table([*head, "more than above"], floor.rows(facts["floor"]))
    if "hot" in facts:
        yield from _table(
            [f"one hot account, {version}", "entries/s", "a commit, ms", "exact reads"],
            [
                [
                    name,
                    f"{one['rate']:,}",
                    f"{one['commit_ms']:.2f}" if "commit_ms" in one else "?",
                    f"{one['reads']} of {one['reads']}",
                ]
                for name, one in facts["hot"].items()
            ],
        )
    if "batch" in facts:
        yield from _table(
            [f"one client, {version}", "entries/s"],
            [
                ["an entry a call", f"{facts['batch']['single_rate']:,}"],
                ["1,000 entries a call", f"{facts['batch']['batch_rate']:,}"],
            ],
        )
    if "read" in facts:
        lines, largest = list(facts["read"].items())[-1]
        yield from _table(
            [f"{int(lines):,} lines, {server}", "median ms", "CPU ms", "reads, for one day"],
            [
                [name, f"{one['ms']:.1f}", f"{one['cpu_ms'] or 0:.1f}", one["reads"]]
                for name, one in largest["calls"].items()
            ],
        )
    yield from _table(
        [f"target, {version}", "measured", ""],
        [
            [f"{one['what']} {_bound(one)}", f"{one['value']:,.4g}", one["verdict"].lower()]
            for one in facts.get("targets", [])
            if one["value"] is not None
        ],
    )


def _single(version: str, single: Facts) -> Iterator[str]:
    rows = []
    for clients in single["raw"]["clients"]:
        for name, one in single.items():
            got = one["clients"][clients]
            ratio = got["rate"] / single["raw"]["clients"][clients]["rate"]
            bare = got["wal_bytes_without_pages"]
            rows.append(
                [
                    f"{name}, {clients} client" + ("" if clients == "1" else "s"),
                    f"{got['rate']:,}",
                    f"{ratio:.2f}",
                    f"{got['cpu_us']:,.0f}" if got["cpu_us"] else "?",
                    f"{got['wal_bytes']:,}",
                    f"{bare:,}" if bare else "?",
                    f"{one['disk_bytes']:,}",
                ]
            )
    head = [f"entries of two lines, {version}", "entries/s", "× raw", "CPU µs", "WAL bytes"]
    yield from _table([*head, "without pages", "disk bytes"], rows)
    profile = ", ".join(f"`{one['function']}` {one['us']:g}" for one in single["ledger"]["profile"])
    yield f"Time in functions, µs of wall clock an entry, one client, {version}: {profile}."
    yield ""


def _bound(target: Facts) -> str:
    if target["at_most"] is not None:
        return f"≤ {target['at_most']:,g}"
    return f"≥ {target['at_least']:,g}"


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def main(arguments: list[str]) -> int:
    """Print the tables."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    servers: dict[str, Facts] = {}
    for name in arguments:
        for server, facts in json.loads(Path(name).read_text()).items():
            if not isinstance(facts, dict) or "targets" not in facts:
                continue
            have = servers.setdefault(server, {})
            said = {one["what"] for one in have.get("targets", [])}
            targets = [one for one in facts["targets"] if one["what"] not in said]
            servers[server] = {**facts, **have, "targets": [*have.get("targets", []), *targets]}
    for server, facts in servers.items():
        print("\n".join(tables(server, facts)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
