"""Tiny projects for tests of the runner: a folder of a few files and a database of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psycopg

from pgerp import history, repeatables, runner
from pgerp.db import connect
from pgerp.project import Project
from pgerp.repeatables import ApplyResult, Repeatable
from pgerp.verify import Report, verify


def function(
    name: str, body: str = "SELECT 1", arguments: str = "", returns: str = "integer"
) -> str:
    """Return the file of a function in schema app."""
    return (
        f"CREATE OR REPLACE FUNCTION app.{name}({arguments}) RETURNS {returns}\n"
        f"LANGUAGE sql SET search_path = '' AS $$ {body} $$;\n"
        f"COMMENT ON FUNCTION app.{name}({arguments}) IS 'The function {name}.';\n"
    )


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


class Migrated(Files):
    """A project with a migration and one file of each kind, applied by `up` to a database."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root)
        self.url = url
        self.write("migrations/app/20260101_0000_app_tables.sql", _TABLES)
        self.write(
            "functions/app/answer.sql",
            "CREATE OR REPLACE FUNCTION app.answer() RETURNS integer LANGUAGE sql AS 'SELECT 42';",
        )
        self.write(
            "functions/app/touch.sql",
            "CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NEW; END';",
        )
        self.write("views/app/codes.sql", "CREATE VIEW app.codes AS SELECT code FROM app.items;")
        self.write(
            "sql/triggers/app/items.sql",
            "CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON app.items"
            " FOR EACH ROW EXECUTE FUNCTION app.touch();",
        )
        self.write(
            "sql/policies/items.sql",
            "DROP POLICY IF EXISTS own ON app.items;CREATE POLICY own ON app.items USING (id > 0);",
        )
        self.write("sql/grants/app.sql", "GRANT SELECT ON app.items TO pg_monitor;")
        self.up()

    def connect(self, **options: str) -> psycopg.Connection:
        """Connect to the database, or with dbname=… to another one beside it."""
        return connect(self.url, **options)

    def up(self) -> None:
        """Apply everything that is pending."""
        runner.up(self.connect, [self.project])

    def verify(self, **options: bool) -> Report:
        """Verify the database."""
        with self.connect() as conn:
            return verify(conn, self.connect, [self.project], **options)

    def run(self, sql: str) -> None:
        """Execute SQL as somebody who passes the runner by."""
        with self.connect() as conn:
            conn.execute(sql.encode())

    def databases(self) -> list[str]:
        """Return the names of all databases of the server."""
        with self.connect() as conn:
            return [name for (name,) in conn.execute("SELECT datname FROM pg_database").fetchall()]


_TABLES = """
CREATE SCHEMA app;
CREATE TABLE app.items (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL DEFAULT 'none',
    note text,
    CONSTRAINT items_pkey PRIMARY KEY (id),
    CONSTRAINT items_code_check CHECK (code <> '')
);
COMMENT ON TABLE app.items IS 'The items.';
COMMENT ON COLUMN app.items.code IS 'The code.';
CREATE INDEX items_code_idx ON app.items (code);
CREATE TABLE app.others (id integer, code text);
CREATE TABLE app.events (id integer) PARTITION BY RANGE (id);
CREATE TABLE app.events_1 PARTITION OF app.events FOR VALUES FROM (0) TO (10);
"""
