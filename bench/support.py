"""What every benchmark needs: a server of its own, whole-process times, a table, a results file."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pgerp.server import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PGERP = (sys.executable, str(ROOT / "migrate.py"))


@contextlib.contextmanager
def own_server(version: int = 18, *, durable: bool = True) -> Iterator[EmbeddedServer]:
    """Start a server in a temporary folder; stop and remove it at the end.

    Args:
        version: 16 or 18.
        durable: True measures what a real server does: every commit reaches the disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="pgerp-bench-"))
    # The server's own user must get in; its data directory stays private.
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "server", version, durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.base, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def seconds(command: Sequence[str | Path], **options: Any) -> float:
    """Run a program to its end and return how long that took, in seconds of wall clock.

    Args:
        command: Program and arguments.
        options: More for `subprocess.run`.

    Raises:
        RuntimeError: It failed; with what it said.
    """
    started = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    taken = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")
    return taken


def cpu_seconds(command: Sequence[str | Path]) -> tuple[float, float]:
    """Run a program; return seconds of wall clock, and of CPU, which a busy machine changes less.

    Raises:
        RuntimeError: It failed; with what it said.
    """
    before = os.times()
    wall = seconds(command)
    after = os.times()
    user = after.children_user - before.children_user
    return wall, user + after.children_system - before.children_system


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    print(f"\n{title}\n")
    for row in [head, ["-" * width for width in widths], *rows]:
        cells = [
            str(cell).ljust(width) if index == 0 else str(cell).rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    print()


def save(name: str, facts: Mapping[str, Any]) -> Path:
    """Write a run's figures to bench/results/<name>-<time>.json and return the path."""
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{now:%Y%m%d-%H%M%S}.json"
    machine = {
        "cores": os.cpu_count(),
        "load": list(os.getloadavg()),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    document = {"at": now.isoformat(timespec="seconds"), "machine": machine, **facts}
    path.write_text(json.dumps(document, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return path
