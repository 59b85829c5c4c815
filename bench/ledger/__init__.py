"""How fast the ledger posts, beside a bare INSERT and a naive function, and how fast it reads."""

from __future__ import annotations


def main(arguments: list[str]) -> None:
    """Run the benchmark; see `python -m bench ledger --help`."""
    from bench.ledger.run import run

    run(arguments)
