"""Small projects made on the spot, and the command line run on nothing but them.

As a program (`python -m tests.runner.support DIR WORD…`) it is pgerp for the project in DIR only,
so that runners can be killed from outside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from click.testing import CliRunner

from pgerp import project as project_module
from pgerp.cli import main
from pgerp.db import connect
from pgerp.project import Project

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as a JSON document."""
        return json.loads(self.out)


class Demo:
    """A project in a folder of its own, and a database to apply it to.

    Args:
        folder: An empty or missing folder.
        url: The database.
        name: The project's name; "pgerp" makes ids without a prefix, as our own are.
        owner: Role that owns what the project makes.
    """

    def __init__(
        self, folder: Path, url: str = "", *, name: str = "pgerp", owner: str | None = None
    ) -> None:
        self.root = folder
        self.url = url
        self.name = name
        folder.mkdir(parents=True, exist_ok=True)
        owns = f'owner = "{owner}"\n' if owner else ""
        self.write("pgerp.toml", f'[project]\nname = "{name}"\n{owns}')

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file of the project."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target

    def migration(self, stem: str, sql: str | bytes, rollback: str | None = None) -> Path:
        """Write a migration, e.g. "20260101_0900_core_one", and its rollback file."""
        module = stem.split("_")[2]
        if rollback is not None:
            self.write(f"migrations/{module}/{stem}.rollback.sql", rollback)
        return self.write(f"migrations/{module}/{stem}.sql", sql)

    def table(self, number: int, sql: str = "") -> str:
        """Write migration `number` of module core, which makes core_<number>; return its id."""
        stem = f"20260101_{number:04d}_core_t{number}"
        self.migration(
            stem, f"CREATE TABLE core_{number} (id int);\n{sql}", f"DROP TABLE core_{number};\n"
        )
        return stem

    def project(self) -> Project:
        """Read the project as the runner does."""
        return only_projects([self.root])[0]

    def run(self, *words: str, also: Sequence[Demo] = (), stdin: str | None = None) -> Outcome:
        """Run one command in this process."""
        dirs = [word for demo in (self, *also) for word in ("--project", str(demo.root))]
        args = ["--database-url", self.url, *dirs, *words]
        with patch.object(project_module, "load_projects", only_projects):
            result = CliRunner().invoke(main, args, input=stdin, prog_name="pgerp")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    @contextmanager
    def spawn(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run one command in a process of its own; it is killed if it outlives the block."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.runner.support", str(self.root), *words],
            cwd=ROOT,
            env={**os.environ, "PGERP_DATABASE_URL": self.url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def session(self, **options: str) -> Iterator[psycopg.Connection]:
        """Connect to the database, in autocommit mode."""
        with connect(self.url, **options) as conn:
            yield conn

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.session() as conn:
            return conn.execute(query.encode()).fetchall()

    def value(self, query: str) -> Any:
        """Return the only value of a query."""
        ((value,),) = self.rows(query)
        return value

    def ledger(self) -> list[tuple[str, str]]:
        """Return (id, state) of every migration in the ledger, in the order of applying."""
        return self.rows("SELECT id, state FROM pgerp.migrations ORDER BY position")

    def has(self, relation: str) -> bool:
        """Tell whether a relation exists."""
        return bool(self.value(f"SELECT to_regclass('{relation}') IS NOT NULL"))


def only_projects(dirs: Sequence[Path]) -> list[Project]:
    """Return the projects in some folders, without pgerp's own."""
    return [project_module._read(Path(root).resolve()) for root in dirs]


def finish(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a command that was spawned."""
    out, err = process.communicate(timeout=60)
    return Outcome(process.returncode, out, err)


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, for at most 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _program() -> None:
    folder, *words = sys.argv[1:]
    project_module.load_projects = lambda _: only_projects([Path(folder)])
    main(words, prog_name="pgerp")


if __name__ == "__main__":
    _program()
