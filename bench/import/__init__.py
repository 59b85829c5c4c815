"""A journal of a million lines: `pgerp import` against COPY of the same rows, in one run.

COPY is what the disk and the indexes alone cost: headers and lines go, ready made, into bare
tables with the same columns and indexes. The floor is what PostgreSQL asks for the same rows in
tables like the ledger's: with its partitions, CHECKs and foreign keys, but without triggers, row
security, balances and proof. Import reads the file twice, checks all of it, resolves accounts and
periods, makes keys, proves every entry and keeps the balances. The server is durable, and each runs
as a client does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.support import PGERP, own_server, print_table, save, seconds
from pgerp.db import connect
from pgerp.server import EmbeddedServer

from .journal import write_journal
from .twins import HEADERS, KEYS, LINES, Rows, bare_tables, constrained_tables, copy_rows

_TICKS = os.sysconf("SC_CLK_TCK")
_SETTLE_S = 0.5
_COPY = "COPY of headers and lines into bare tables"


@dataclass(frozen=True)
class Measured:
    """Seconds of wall clock, and of CPU in the sessions of the server that served it."""

    seconds: float
    cpu: float


def _session_cpu(pid: int) -> float:
    """Return the CPU seconds of the server's processes that have ended: its sessions."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[13]) + int(words[14])) / _TICKS


def _sessions(server: EmbeddedServer) -> int:
    """Return how many sessions the server has beside this one."""
    with connect(server.url()) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _measure(server: EmbeddedServer, run: Callable[[], float]) -> Measured:
    """Run something after a checkpoint, and wait until its sessions have ended."""
    sessions = _sessions(server)
    with connect(server.url()) as conn:
        conn.execute("CHECKPOINT")
    time.sleep(_SETTLE_S)
    pid = server.status().pid
    assert pid is not None
    before = _session_cpu(pid)
    taken = run()
    while _sessions(server) > sessions:
        time.sleep(_SETTLE_S)
    time.sleep(_SETTLE_S)
    return Measured(taken, _session_cpu(pid) - before)


def _copies(server: EmbeddedServer, url: str, folder: Path, jobs: int) -> dict[str, Measured]:
    """Copy what an import left in a database into twins of its tables there."""
    measured: dict[str, Measured] = {}
    with connect(url) as conn:
        rows = Rows(conn, folder, jobs)
        one = [list(range(jobs))]
        each = [[part] for part in range(jobs)]
        for what, tables, kind, parts in (
            (_COPY, (HEADERS, LINES), bare_tables, one),
            ("the lines alone", (LINES,), bare_tables, one),
            ("with the idempotency keys", (HEADERS, LINES, KEYS), bare_tables, one),
            ("floor: into constrained tables", (HEADERS, LINES), constrained_tables, one),
            ("floor with the keys", (HEADERS, LINES, KEYS), constrained_tables, one),
            (f"the same, sessions: {jobs}", (HEADERS, LINES, KEYS), constrained_tables, each),
        ):
            with kind(conn) as schema:
                copying = partial(copy_rows, url, schema, rows, tables, parts)
                measured[what] = _measure(server, copying)
    return measured


def main(arguments: list[str]) -> None:
    """Run the benchmark; see `python -m bench import --help`."""
    parser = argparse.ArgumentParser(prog="bench import", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the journal")
    parser.add_argument("--batch", type=int, default=None, help="lines per transaction")
    parser.add_argument(
        "--jobs", type=int, default=min(4, os.cpu_count() or 1), help="jobs of the import"
    )
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="pgerp-bench-rows-"))
    try:
        with own_server() as server:
            measured = _run(server, folder, options)
            version = server.status().version
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    entries = options.lines // 2
    copied = measured[_COPY].seconds
    print_table(
        f"{options.lines:,} lines in entries of two, PostgreSQL {version}, durable",
        ("", "seconds", "lines/s", "of COPY", "server CPU µs/entry"),
        [
            (
                what,
                f"{it.seconds:.2f}",
                f"{options.lines / it.seconds:,.0f}",
                f"{copied / it.seconds:.3f}",
                f"{it.cpu / entries * 1e6:.1f}",
            )
            for what, it in measured.items()
        ],
    )
    save(
        "import",
        {
            "lines": options.lines,
            "jobs": options.jobs,
            "seconds": {what: round(it.seconds, 3) for what, it in measured.items()},
            "server_cpu_seconds": {what: round(it.cpu, 2) for what, it in measured.items()},
            "ratio_to_copy": round(copied / measured[f"import, jobs: {options.jobs}"].seconds, 4),
        },
    )


def _run(server: EmbeddedServer, folder: Path, options: argparse.Namespace) -> dict[str, Measured]:
    """Import with several jobs and with one, each into a database of its own, and copy the rows."""
    file = folder / "journal.csv"
    write_journal(file, options.lines)
    seconds([*PGERP, "--database-url", server.url(), "up"])
    seconds([*PGERP, "--database-url", server.url(), "seed"])
    names = {jobs: f"import_{jobs}" for jobs in sorted({options.jobs, 1}, reverse=True)}
    urls = {}
    for jobs, name in names.items():
        with connect(server.url("postgres")) as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE pgerp".encode())
        urls[jobs] = server.url(name)
    imported: dict[str, Measured] = {}
    copied: dict[str, Measured] = {}
    for jobs, url in urls.items():
        command: list[str | Path] = [*PGERP, "--database-url", url, "import", file]
        command += ["--tenant", "T", "--business", "B", "--create", "--jobs", str(jobs)]
        if options.batch:
            command += ["--batch", str(options.batch)]
        run = partial(seconds, command)
        imported[f"import, jobs: {jobs}"] = _measure(server, run)
        with connect(url) as conn:
            row = conn.execute("SELECT count(*) FROM ledger.journal_lines").fetchone()
        assert row == (options.lines // 2 * 2,), row
        if not copied:
            again = _measure(server, run)
            copied = _copies(server, url, folder, options.jobs)
            imported["import again, nothing new"] = again
    return copied | imported
