"""Write the sheet anew, as a fresh database has it; `git diff` then shows what to review."""

from __future__ import annotations

import os
import sys

from tests.conftest import TEMPLATE, Harness, janitor
from tests.identity.matrix.sheet import EXPECTED, legend, render
from tests.identity.matrix.trying import open_bench


def main(kind: str = "embedded") -> None:
    harness = Harness(kind)
    try:
        server = harness.build().server
        if server is None or harness.broken:
            sys.exit(harness.absent or harness.failed or harness.broken)
        name = f"pgerp_matrix_{os.getpid()}"
        with (
            janitor(server, name, TEMPLATE),
            open_bench(server.database(name), str(os.getpid())) as bench,
        ):
            lines = bench.folded()
        above = legend(EXPECTED.read_text(encoding="utf-8"))
        EXPECTED.write_text(render(above, lines), encoding="utf-8")
    finally:
        harness.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
