"""Run the benchmarks that are named, or all of them: `python -m bench [NAME …] [OPTION …]`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench

NOT_BENCHMARKS = {"__main__", "support"}


def main(arguments: list[str]) -> int:
    """Run each named benchmark with the options that follow the names; without a name, all."""
    known = sorted({one.name for one in pkgutil.iter_modules(bench.__path__)} - NOT_BENCHMARKS)
    names = []
    while arguments and not arguments[0].startswith("-"):
        names.append(arguments.pop(0))
    if unknown := [name for name in names if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        importlib.import_module(f"bench.{name}").main(list(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
