"""The command line of the benchmark."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

PARTS = ("single", "floor", "hot", "batch", "import", "read")
SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


@dataclass(frozen=True)
class Options:
    """What is measured, and for how long.

    Attributes:
        servers: Values of --server, in order.
        parts: Names out of PARTS, in order.
        clients: Numbers of sessions at once; the first is 1.
        rounds: How often each contestant has its turn.
        seconds: Length of a turn; 0: a few entries of each client.
        warm_up: Seconds of each contestant before it counts; 0: a few entries.
        commit_delay: Milliseconds that commits take longer in the second half of `hot`; 0: no such.
        lines: The largest journal that is read.
        stripes: Rows over which each balance is spread in the journal that is read.
        import_lines: Lines of the journal that is imported.
        pgledger: A checkout of pgledger, or None.
    """

    servers: list[str]
    parts: list[str]
    clients: tuple[int, ...]
    rounds: int
    seconds: int
    warm_up: int
    commit_delay: float
    lines: int
    stripes: int
    import_lines: int
    pgledger: Path | None

    @property
    def sizes(self) -> list[int]:
        """The sizes of the journal that is read, smallest first."""
        return [size for size in SIZES if size < self.lines] + [self.lines]


def parse(arguments: list[str], description: str | None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench ledger", description=description)
    parser.add_argument(
        "--server", action="append", help="18, 16, 15 or a superuser's URL; again for more; 18, 15"
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="again for more; all")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contestant; 5")
    parser.add_argument("--seconds", type=int, default=5, help="length of a turn; 5")
    parser.add_argument("--warm-up", type=int, default=10, help="seconds of each contestant; 10")
    parser.add_argument("--clients", default="1,8,20", help="sessions at once; 1,8,20")
    parser.add_argument(
        "--commit-delay",
        type=float,
        default=2,
        metavar="MS",
        help="hot: also with commits that take so much longer, as on network storage; 2, 0: not",
    )
    parser.add_argument("--lines", type=int, default=SIZES[-1], help="largest journal to read")
    parser.add_argument("--stripes", type=int, default=8, help="rows per balance to read; 8")
    parser.add_argument("--import-lines", type=int, default=1_000_000, help="lines to import")
    parser.add_argument("--pgledger", type=Path, metavar="DIR", help="a checkout of pgledger")
    parser.add_argument("--quick", action="store_true", help="see that it runs; figures are void")
    given = parser.parse_args(arguments)
    # PostgreSQL's own bound.
    if not 0 <= given.commit_delay <= 100:
        parser.error("--commit-delay is from 0 to 100 milliseconds")
    quick = given.quick
    return Options(
        servers=given.server or (["18"] if quick else ["18", "15"]),
        parts=given.part or list(PARTS),
        clients=(1, 4) if quick else tuple(int(n) for n in given.clients.split(",")),
        rounds=1 if quick else given.rounds,
        seconds=0 if quick else given.seconds,
        warm_up=0 if quick else given.warm_up,
        commit_delay=given.commit_delay,
        lines=min(given.lines, 20_000) if quick else given.lines,
        stripes=given.stripes,
        import_lines=min(given.import_lines, 20_000) if quick else given.import_lines,
        pgledger=given.pgledger,
    )
