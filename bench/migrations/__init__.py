"""200 small migrations by psql, pgerp, yoyo and alembic, and a run with nothing to do."""

from __future__ import annotations


def main(arguments: list[str]) -> None:
    """Run the benchmark; see `python -m bench migrations --help`."""
    from bench.migrations.run import run

    run(arguments)
