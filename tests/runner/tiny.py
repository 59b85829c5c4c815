"""Tiny projects for tests of the runner: a folder of a few files and a database of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psycopg

from pgerp import history, repeatables
from pgerp.db import connect
from pgerp.project import Project
from pgerp.repeatables import ApplyResult, Repeatable


class Files:
    """A project in `root`, without a database."""

    def __init__(self, root: Path, owner: str | None = None) -> None:
        self.project = Project("tiny", root, owner)
        self.root = root

    def write(self, path: str, sql: str) -> None:
        """Write one file below the project's root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(sql).lstrip("\n"))

    def remove(self, path: str) -> None:
        """Remove one file."""
        (self.root / path).unlink()

    def files(self) -> list[Repeatable]:
        """Read the project's repeatable files."""
        return repeatables.discover([self.project])


class Tiny(Files):
    """A project in `root` and one session on a database that has the runner's tables."""

    def __init__(self, root: Path, url: str, owner: str | None = None) -> None:
        super().__init__(root, owner)
        self.conn: psycopg.Connection = connect(url)
        with self.conn.transaction():
            history.create(self.conn)
            self.conn.execute("CREATE SCHEMA app")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.conn.close()

    def apply(
        self,
        *,
        migrated: bool = False,
        tolerate_missing: bool = False,
        on_step: Callable[[Repeatable], None] | None = None,
    ) -> ApplyResult:
        """Apply what is pending in one transaction."""
        with self.conn.transaction():
            return repeatables.apply(
                self.conn,
                self.files(),
                migrated=migrated,
                tolerate_missing=tolerate_missing,
                on_step=on_step,
            )

    def drop_all(self) -> list[str]:
        """Drop everything that the files define, in one transaction."""
        with self.conn.transaction():
            return repeatables.drop_all(self.conn, self.files())

    def pending(self, *, migrated: bool = False) -> list[str]:
        """Return the pending files' paths below the root."""
        return paths(repeatables.pending(self.conn, self.files(), migrated=migrated))

    def run(self, sql: str) -> None:
        """Execute SQL, as a migration or a person would."""
        self.conn.execute(sql.encode())

    def value(self, sql: str) -> object:
        """Return the one value of a query."""
        row = self.conn.execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]

    def has(self, what: str) -> bool:
        """Whether the catalog has a relation, or a function when its arguments are given."""
        function = "to_regprocedure" if what.endswith(")") else "to_regclass"
        return self.value(f"SELECT {function}('{what}') IS NOT NULL") is True


def paths(files: list[Repeatable]) -> list[str]:
    """Return the files' paths below their project's root."""
    return [file.key.partition(":")[2] for file in files]
