"""`pgerp services` on a topology file, in this process or one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from click.testing import CliRunner

from pgerp.cli import main
from pgerp.db import connect
from pgerp.services.topology import Topology
from tests.runner.support import ROOT, Outcome

OURS = """
SELECT t.kind || ' ' || t.name
FROM (
    SELECT 'database' AS kind, datname AS name FROM pg_database
    -- PostgreSQL's own come and go with the first copy of each table.
    UNION ALL SELECT 'slot', slot_name FROM pg_replication_slots
    WHERE slot_name !~ '^pg_[0-9]+_sync_'
    UNION ALL SELECT 'subscription', subname FROM pg_subscription
) AS t
WHERE strpos(t.name, %s) > 0
ORDER BY 1"""


class Commands:
    """The command line, held to one topology file.

    Args:
        path: The file; written by `write` or `write_topology`.
        server_url: The server that databases without a url are on.
    """

    def __init__(self, path: Path, server_url: str) -> None:
        self.path = path
        self.server_url = server_url

    def write(self, text: str) -> None:
        """Write the file."""
        self.path.write_text(text)

    def write_topology(self, topology: Topology) -> None:
        """Write the file of services that are known."""
        lines = [f'identity = "{topology.identity.name}"']
        for one in topology.services.values():
            lines += [f"[services.{one.name}]", f"modules = {sorted(one.modules)!r}"]
            lines.append(f'url = "{one.url}"')
        self.write("\n".join(lines))

    def run(self, action: str, *words: str) -> Outcome:
        """Run one action in this process; nobody sits at the terminal."""
        result = CliRunner().invoke(main, self._words(action, *words), prog_name="pgerp")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    @contextmanager
    def spawn(
        self, action: str, *words: str, stdin: int = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[str]]:
        """Run one action in a process of its own; it is killed if it outlives the block."""
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "migrate.py"), *self._words(action, *words)],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def there(self, suffix: str) -> list[str]:
        """Return what there is whose names have a suffix of the test's own."""
        with connect(self.server_url) as conn:
            return [row[0] for row in conn.execute(OURS, [suffix]).fetchall()]

    def _words(self, action: str, *words: str) -> list[str]:
        where = ["--database-url", self.server_url, "services", action]
        return [*where, "--topology", str(self.path), *words]


def execute(url: str, *statements: str) -> None:
    """Execute statements as a superuser, each in a transaction of its own."""
    with connect(url) as conn:
        for statement in statements:
            conn.execute(statement.encode())


def publications(conn: psycopg.Connection) -> list[str]:
    """Return the publications of a database."""
    return [name for (name,) in conn.execute("SELECT pubname FROM pg_publication").fetchall()]
