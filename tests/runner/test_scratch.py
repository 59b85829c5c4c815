"""Where drift builds the expected schema: a scratch database that never stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp import drift, scratch
from pgerp.db import connect
from pgerp.server import INSTALLS
from pgerp.verify import verify
from tests.conftest import ROOT
from tests.runner.tiny import Files, Migrated


@pytest.fixture
def migrated(tmp_path: Path, empty_database: str) -> Migrated:
    return Migrated(tmp_path, empty_database)


@pytest.fixture
def scratch_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the scratch databases that the test made, while and after it did."""
    names: list[str] = []
    original = drift.scratch_database

    @contextlib.contextmanager
    def spy(conn: psycopg.Connection) -> Iterator[str]:
        with original(conn) as name:
            names.append(name)
            yield name

    monkeypatch.setattr(drift, "scratch_database", spy)
    return names


def test_the_scratch_database_is_gone_afterwards(
    migrated: Migrated, scratch_names: list[str]
) -> None:
    migrated.verify()
    (name,) = scratch_names
    assert name not in migrated.databases()


def test_a_schema_that_cannot_be_built_is_told_and_leaves_nothing(
    migrated: Migrated, scratch_names: list[str]
) -> None:
    migrated.write(
        "functions/app/broken.sql",
        "CREATE OR REPLACE FUNCTION app.broken() RETURNS nonsense LANGUAGE sql AS 'SELECT 1';",
    )
    report = migrated.verify()
    assert report.drift is not None
    assert "functions/app/broken.sql:1" in str(report.drift.reason)
    assert report.exit_code == 2
    (name,) = scratch_names
    assert name not in migrated.databases()


def test_only_old_scratch_databases_that_nobody_uses_are_swept(
    migrated: Migrated, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A prefix of its own, since other workers sweep too.
    monkeypatch.setattr(scratch, "PREFIX", f"pgerp_sweep{os.getpid()}_")
    day_ago = int(time.time()) - 86_400
    names = {
        what: f"{scratch.PREFIX}{at}_{os.urandom(6).hex()}"
        for what, at in (("old", day_ago), ("used", day_ago), ("new", int(time.time())))
    }
    for name in names.values():
        migrated.run(f"CREATE DATABASE {name}")
    try:
        with migrated.connect(dbname=names["used"]):
            migrated.verify()
        left = set(migrated.databases())
        assert names["old"] not in left
        assert {names["used"], names["new"]} <= left
    finally:
        for name in names.values():
            migrated.run(f"DROP DATABASE IF EXISTS {name}")


@pytest.mark.parametrize("how", ["role", "read-only"])
def test_without_a_place_on_the_server_the_embedded_one_is_used(
    migrated: Migrated, how: str
) -> None:
    migrated.run("GRANT USAGE ON SCHEMA pgerp TO pg_monitor")
    migrated.run("GRANT SELECT ON ALL TABLES IN SCHEMA pgerp TO pg_monitor")
    migrated.run("DROP INDEX app.items_code_idx")
    setting = "SET ROLE pg_monitor" if how == "role" else "SET default_transaction_read_only = on"
    with migrated.connect() as conn:
        conn.execute(setting.encode())
        report = verify(conn, migrated.connect, [migrated.project])
        major = conn.info.server_version // 10000
    assert report.drift is not None
    assert report.exit_code == 2
    if major in INSTALLS:
        assert report.drift.built_on == f"embedded PostgreSQL {major}"
        (difference,) = report.drift.differences
        assert difference.object == "index items_code_idx on app.items"
    else:
        assert "pg_monitor" in str(report.drift.reason) or "read-only" in str(report.drift.reason)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_verify_drops_its_scratch_database(
    clone: str, tmp_path: Path, number: signal.Signals
) -> None:
    marker = os.urandom(6).hex()
    slow = Files(tmp_path)
    slow.write(
        "migrations/app/20260101_0000_app_slow.sql",
        f"""
        CREATE SCHEMA app;
        DO $${marker}$ BEGIN
            IF current_database() LIKE 'pgerp\\_verify\\_%' THEN PERFORM pg_sleep(60); END IF;
        END ${marker}$;
        """.replace("$$", "$m").replace(f"END ${marker}", f"END $m{marker}"),
    )
    words = [sys.executable, str(ROOT / "migrate.py"), "--database-url", clone]
    words += ["--project", str(tmp_path)]
    subprocess.run([*words, "up"], check=True, capture_output=True)
    with (
        connect(clone) as conn,
        subprocess.Popen([*words, "verify"], stderr=subprocess.PIPE, text=True) as process,
    ):
        try:
            name = wait_for_sleeper(conn, marker)
            process.send_signal(number)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == 128 + number
        assert "Traceback" not in errors
        left = conn.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (name,))
        assert left.fetchone() == (0,)


def wait_for_sleeper(conn: psycopg.Connection, marker: str) -> str:
    """Return the scratch database in which a migration with `marker` sleeps."""
    for _ in range(600):
        row = conn.execute(
            "SELECT datname FROM pg_stat_activity"
            " WHERE datname LIKE 'pgerp\\_verify\\_%%' AND query LIKE %s",
            (f"%$m{marker}$%",),
        ).fetchone()
        if row:
            return str(row[0])
        time.sleep(0.05)
    raise AssertionError("the scratch database never came")
