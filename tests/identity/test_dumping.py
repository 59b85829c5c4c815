"""What pgerp_backup is for: a dump with every row of every tenant, and the checks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from pgerp.db import parse_url
from tests.identity.conftest import World
from tests.ledger.books import CHECKS
from tests.pgtap import as_role, value


def rows_dumped(dump: str) -> dict[str, int]:
    """Return how many rows a dump has of each table."""
    counts: dict[str, int] = {}
    table = ""
    for line in dump.splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
            counts[table] = 0
        elif line == "\\.":
            table = ""
        elif table:
            counts[table] += 1
    return counts


def test_a_dump_by_the_role_for_it_has_every_row_of_every_table(
    world: World, pg_bin: Path, admin: psycopg.Connection
) -> None:
    where = parse_url(world.url)
    run = subprocess.run(
        [pg_bin / "pg_dump", "--role=pgerp_backup", f"--dbname={world.url}"],
        env={**os.environ, "PGPASSWORD": where.get("password", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    counts = rows_dumped(run.stdout)
    tables = [
        name
        for (name,) in admin.execute(
            """SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"""
        )
    ]
    assert counts == {name: value(admin, f"SELECT count(*) FROM {name}") for name in tables}
    assert counts["identity.tenants"] == 2
    assert "SELECT pg_catalog.setval('pgerp.history_id_seq'" in run.stdout


@pytest.mark.parametrize(
    "check", sorted(CHECKS.rglob("*.sql")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_every_check_can_be_run_by_the_role_that_sees_all(
    admin: psycopg.Connection, check: Path
) -> None:
    with as_role(admin, "pgerp_backup"):
        seen = admin.execute(check.read_text()).fetchall()  # type: ignore[arg-type]
    assert seen == admin.execute(check.read_text()).fetchall()  # type: ignore[arg-type]
