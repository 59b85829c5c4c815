"""Apply the same migrations with each tool on one server, and say how they compare to psql.

Every tool gets a fresh clone of one template database, in which pgerp's own project is up to
date, since pgerp always takes care of that too. The tools take turns; the median of the rounds
counts. Times are of whole processes, start-up and connection included.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from bench.migrations.generate import write_alembic, write_project
from bench.support import PGERP, cpu_seconds, own_server, print_table, save, seconds
from pgerp.db import connect
from pgerp.server import EmbeddedServer

TEMPLATE = "bench_template"
BASELINE = "psql, one process"
TARGET_RATIO = 1.5
TARGET_NOOP_S = 0.3
Contender = Callable[[str], float]


def run(arguments: list[str]) -> None:
    """Measure, print the table, write the results."""
    parser = argparse.ArgumentParser(prog="python -m bench migrations", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many migrations")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pg", type=int, default=18, choices=(16, 18))
    parser.add_argument("--skip", action="append", default=[], help="a contender to leave out")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, own_server(options.pg) as server:
        bench = Bench(server, Path(folder), options.count)
        chosen = {n: c for n, c in bench.contenders().items() if n not in options.skip}
        times = bench.measure(chosen, options.rounds)
        idle = bench.measure_idle(options.rounds)
        report(times, idle, options.count)
    facts = {"count": options.count, "pg": options.pg, "seconds": times, "idle_seconds": idle}
    save("migrations", facts)


class Bench:
    """The files, the template database and the commands.

    Args:
        server: A running server, used by nobody else.
        folder: Where the files go.
        count: How many migrations.
    """

    def __init__(self, server: EmbeddedServer, folder: Path, count: int) -> None:
        self.server = server
        self.project = folder / "bench-project"
        self.paths = write_project(self.project, count)
        self.alembic_ini = write_alembic(folder, count)
        with connect(server.url("postgres")) as conn:
            conn.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        seconds([*PGERP, "--database-url", server.url(TEMPLATE), "up"])

    def contenders(self) -> dict[str, Contender]:
        """Return how each tool applies the files to a database, and how long that takes."""
        return {
            BASELINE: self.psql_at_once,
            "psql, one process, a transaction a file": self.psql_transactions,
            "psql, a process a file": self.psql_each,
            "pgerp up": self.pgerp,
            "yoyo apply": self.yoyo,
            "alembic upgrade": self.alembic,
        }

    def measure(self, chosen: dict[str, Contender], rounds: int) -> dict[str, list[float]]:
        """Let each apply the files to a database of its own, in turns; return seconds by round."""
        times: dict[str, list[float]] = {name: [] for name in chosen}
        for number in range(rounds):
            names = list(chosen)
            # Each round begins with another one, so that none always has the coldest disk.
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                with self.database() as dbname:
                    times[name].append(chosen[name](dbname))
                    self.check(dbname)
                print(f"round {number + 1}: {name}: {times[name][-1]:.2f} s", file=sys.stderr)
        return times

    def measure_idle(self, rounds: int) -> dict[str, list[tuple[float, float]]]:
        """Return seconds of wall clock and of CPU of runs that find nothing to do."""
        with self.database() as dbname:
            self.pgerp(dbname)
            commands = {
                "pgerp up": self.pgerp_command(dbname, "up"),
                "pgerp status": self.pgerp_command(dbname, "status"),
                "pgerp up, own project only": [*self.pgerp_base(dbname), "up"],
                "pgerp --version": [*PGERP, "--version"],
                "python -c pass": [sys.executable, "-c", "pass"],
            }
            return {
                name: [cpu_seconds(command) for _ in range(2 * rounds)]
                for name, command in commands.items()
            }

    def database(self) -> Database:
        """Return a fresh clone of the template, dropped at the end of its block."""
        return Database(self.server)

    def check(self, dbname: str) -> None:
        """Make sure that a tool did all of the work."""
        query = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'bench'::regnamespace"
        with connect(self.server.url(dbname)) as conn:
            row = conn.execute(query).fetchone()
        assert row == (len(self.paths),), row

    def psql(self, dbname: str, words: Iterable[str | Path]) -> float:
        """Run psql without its start-up file, stopping at the first error."""
        program = self.server.binary("psql")
        fixed = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={dbname}"]
        return seconds([program, *fixed, *words])

    def psql_at_once(self, dbname: str) -> float:
        """`psql -f a.sql -f b.sql …`."""
        return self.psql(self.server.url(dbname), [f"--file={path}" for path in self.paths])

    def psql_transactions(self, dbname: str) -> float:
        """The same with BEGIN and COMMIT around each file: what pgerp sends, without its ledger."""
        words = [("--command=BEGIN", f"--file={path}", "--command=COMMIT") for path in self.paths]
        return self.psql(self.server.url(dbname), [word for group in words for word in group])

    def psql_each(self, dbname: str) -> float:
        """`psql -1 -f a.sql; psql -1 -f b.sql; …`."""
        url = self.server.url(dbname)
        return sum(self.psql(url, ["--single-transaction", f"--file={p}"]) for p in self.paths)

    def pgerp_base(self, dbname: str) -> list[str]:
        """Return pgerp's command line up to the options of the project."""
        return [*PGERP, "--database-url", self.server.url(dbname)]

    def pgerp_command(self, dbname: str, command: str) -> list[str]:
        """Return a command line of pgerp's with the generated project."""
        return [*self.pgerp_base(dbname), "--project", str(self.project), command]

    def pgerp(self, dbname: str) -> float:
        """`pgerp up` with the project."""
        return seconds(self.pgerp_command(dbname, "up"))

    def yoyo(self, dbname: str) -> float:
        """Stock yoyo on the same files."""
        url = self.server.url(dbname).replace("postgresql://", "postgresql+psycopg://")
        options = ["--batch", "--no-config-file", "--database", url, self.paths[0].parent]
        return seconds([sys.executable, "-m", "yoyo", "apply", *options])

    def alembic(self, dbname: str) -> float:
        """`alembic upgrade head`, a transaction for each revision."""
        url = self.server.url(dbname).replace("postgresql://", "postgresql+psycopg://")
        options = ["--config", str(self.alembic_ini), "upgrade", "head"]
        command = [sys.executable, "-m", "alembic.config", *options]
        return seconds(command, env={**os.environ, "BENCH_URL": url})


class Database:
    """A clone of the template for the length of a `with` block.

    Args:
        server: The server.
    """

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server

    def __enter__(self) -> str:
        """Make it and return its name."""
        with connect(self.server.url("postgres")) as conn:
            conn.execute(f"CREATE DATABASE bench_run TEMPLATE {TEMPLATE}".encode())
            conn.execute("CHECKPOINT")
        return "bench_run"

    def __exit__(self, *unused: object) -> None:
        """Drop it."""
        with connect(self.server.url("postgres")) as conn:
            conn.execute("DROP DATABASE bench_run WITH (FORCE)")


def report(
    times: dict[str, list[float]], idle: dict[str, list[tuple[float, float]]], count: int
) -> None:
    """Print both tables, and how the targets were met."""
    medians = {name: median(values) for name, values in times.items()}
    floor = medians[BASELINE]
    rows = [
        [
            name,
            f"{value:.2f} s",
            f"{value / count * 1000:.1f} ms",
            f"{min(times[name]):.2f} – {max(times[name]):.2f}",
            f"{value / floor:.2f}",
        ]
        for name, value in medians.items()
    ]
    print_table(
        f"{count} migrations, median of {len(times[BASELINE])} rounds",
        ["tool", "median", "a file", "range", "× psql"],
        rows,
    )
    idle_medians = {
        name: [median(part) for part in zip(*v, strict=True)] for name, v in idle.items()
    }
    print_table(
        "Nothing to do, whole process, medians",
        ["command", "wall clock", "CPU"],
        [[name, *(f"{v * 1000:.0f} ms" for v in both)] for name, both in idle_medians.items()],
    )
    ratio = medians["pgerp up"] / floor
    met = "met" if ratio <= TARGET_RATIO else "MISSED"
    print(f"pgerp / psql: {ratio:.2f} (target at most {TARGET_RATIO}: {met})")
    spent = idle_medians["pgerp up"][0]
    met = "met" if spent < TARGET_NOOP_S else "MISSED"
    print(f"nothing to do: {spent:.2f} s (target below {TARGET_NOOP_S} s: {met})")
