"""Drift: what differs from the schema that the applied migrations and the files make."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp import drift, scratch
from pgerp.db import connect
from pgerp.server import INSTALLS
from tests.conftest import ROOT
from tests.runner.tiny import Files, Migrated

NewDatabase = Callable[[str | None], contextlib.AbstractContextManager[str]]


@pytest.fixture
def migrated(tmp_path: Path, empty_database: str) -> Migrated:
    return Migrated(tmp_path, empty_database)


def told(found: drift.Drift | None) -> set[str]:
    assert found is not None
    assert found.reason is None
    return {f"{one.kind} {one.object}" for one in found.differences}


CHANGES = {
    "extra table app.more": "CREATE TABLE app.more (i integer)",
    "missing table app.others": "DROP TABLE app.others",
    "changed table app.items": "ALTER TABLE app.items ENABLE ROW LEVEL SECURITY",
    "extra column app.items.more": "ALTER TABLE app.items ADD COLUMN more text",
    "missing column app.items.note": "ALTER TABLE app.items DROP COLUMN note",
    "changed column app.items.code": "ALTER TABLE app.items ALTER COLUMN code SET DEFAULT 'x'",
    "extra constraint more_check on app.items": (
        "ALTER TABLE app.items ADD CONSTRAINT more_check CHECK (id > 0)"
    ),
    "missing constraint items_code_check on app.items": (
        "ALTER TABLE app.items DROP CONSTRAINT items_code_check"
    ),
    "extra index more_idx on app.items": "CREATE INDEX more_idx ON app.items (id, code)",
    "missing index items_code_idx on app.items": "DROP INDEX app.items_code_idx",
    "extra function app.more()": (
        "CREATE FUNCTION app.more() RETURNS integer LANGUAGE sql AS 'SELECT 1'"
    ),
    "changed function app.answer()": (
        "CREATE OR REPLACE FUNCTION app.answer() RETURNS integer LANGUAGE sql AS 'SELECT 43'"
    ),
    "missing view app.codes": "DROP VIEW app.codes",
    "extra trigger more on app.items": (
        "CREATE TRIGGER more BEFORE DELETE ON app.items EXECUTE FUNCTION app.touch()"
    ),
    "changed trigger touch on app.items": "ALTER TABLE app.items DISABLE TRIGGER touch",
    "extra policy more on app.items": "CREATE POLICY more ON app.items USING (true)",
    "changed policy own on app.items": "ALTER POLICY own ON app.items USING (id > 1)",
    "changed privileges on table app.items": "GRANT INSERT ON app.items TO PUBLIC",
    "extra privileges on column app.items.id": "GRANT SELECT (id) ON app.items TO PUBLIC",
    "changed comment on table app.items": "COMMENT ON TABLE app.items IS 'x'",
    "missing comment on column app.items.code": "COMMENT ON COLUMN app.items.code IS NULL",
    "extra comment on column app.items.id": "COMMENT ON COLUMN app.items.id IS 'x'",
}


@pytest.fixture(scope="module")
def all_drifts(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[set[str]]:
    """What verify tells of a database to which everything in CHANGES was done."""
    with new_database(None) as url:
        migrated = Migrated(tmp_path_factory.mktemp("drift"), url)
        migrated.run(";".join(CHANGES.values()))
        yield told(migrated.verify().drift)


@pytest.mark.parametrize("name", CHANGES)
def test_verify_names_each_kind_of_drift(all_drifts: set[str], name: str) -> None:
    assert name in all_drifts


def test_verify_names_nothing_else(all_drifts: set[str]) -> None:
    assert all_drifts == set(CHANGES)


def test_a_migrated_database_has_no_drift(migrated: Migrated) -> None:
    report = migrated.verify()
    assert told(report.drift) == set()
    assert report.drift is not None
    assert report.drift.built_on == "this server"
    assert report.exit_code == 0


def test_changed_source_is_shown_as_a_diff(migrated: Migrated) -> None:
    migrated.run(CHANGES["changed function app.answer()"])
    report = migrated.verify()
    assert report.drift is not None
    (difference,) = report.drift.differences
    lines = drift.unified(difference).splitlines()
    assert "-AS $function$SELECT 42$function$" in lines
    assert "+AS $function$SELECT 43$function$" in lines
    assert report.exit_code == 2


def test_a_pending_migration_is_no_drift(migrated: Migrated) -> None:
    migrated.write("migrations/app/20260102_0000_app_more.sql", "CREATE TABLE app.more (i int);")
    migrated.write("views/app/more_rows.sql", "CREATE VIEW app.more_rows AS TABLE app.more;")
    report = migrated.verify()
    assert told(report.drift) == set()
    assert report.exit_code == 0


def test_a_file_that_is_not_applied_yet_is_not_compared(migrated: Migrated) -> None:
    migrated.write(
        "functions/app/answer.sql",
        "CREATE OR REPLACE FUNCTION app.answer() RETURNS integer LANGUAGE sql AS 'SELECT 44';",
    )
    migrated.run("COMMENT ON FUNCTION app.touch IS 'x'")
    report = migrated.verify()
    assert report.drift is not None
    assert report.drift.not_compared == ["function app.answer()"]
    assert told(report.drift) == {"extra comment on function app.touch()"}


def test_policies_of_a_function_that_is_not_applied_yet_are_not_compared(
    migrated: Migrated,
) -> None:
    source = (
        "CREATE OR REPLACE FUNCTION app.make_policies() RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
        " DROP POLICY IF EXISTS made ON app.items; CREATE POLICY made ON app.items USING (true);"
        " END $$;"
    )
    migrated.write("functions/app/make_policies.sql", source)
    migrated.write("sql/policies/made.sql", "-- reapply: migrations\nSELECT app.make_policies();")
    migrated.up()
    assert told(migrated.verify().drift) == set()
    migrated.write("functions/app/make_policies.sql", source.replace("(true)", "(id > 9)"))
    assert told(migrated.verify().drift) == set()


def test_a_removed_files_object_is_extra(migrated: Migrated) -> None:
    migrated.remove("functions/app/answer.sql")
    report = migrated.verify()
    assert told(report.drift) == {"extra function app.answer()"}
    assert [entry.objects for entry in report.survey.removed] == [("function app.answer",)]


def test_partitions_that_come_and_go_are_told_apart(migrated: Migrated) -> None:
    migrated.run(
        "CREATE TABLE app.events_2 PARTITION OF app.events FOR VALUES FROM (10) TO (20);"
        "DROP TABLE app.events_1"
    )
    report = migrated.verify()
    assert told(report.drift) == set()
    assert report.drift is not None
    assert report.drift.partitions == ["missing table app.events_1", "extra table app.events_2"]


def test_what_others_keep_beside_us_is_no_drift_unless_asked_for(migrated: Migrated) -> None:
    migrated.run(
        "CREATE SCHEMA theirs; CREATE TABLE theirs.things (i integer);"
        "CREATE TABLE public.things (i integer); CREATE PUBLICATION theirs;"
    )
    report = migrated.verify()
    assert told(report.drift) == set()
    assert report.drift is not None
    assert report.drift.not_ours == ["schema theirs", "publication theirs", "table public.things"]
    everything = told(migrated.verify(all_schemas=True).drift)
    assert everything >= {
        "extra schema theirs",
        "extra table theirs.things",
        "extra table public.things",
        "extra publication theirs",
    }


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


def test_a_deleted_file_of_an_applied_migration_leaves_drift_unchecked(migrated: Migrated) -> None:
    migrated.remove("migrations/app/20260101_0000_app_tables.sql")
    report = migrated.verify()
    assert report.drift is not None
    assert "tiny/20260101_0000_app_tables" in str(report.drift.reason)
    assert [problem.kind for problem in report.survey.state.problems] == ["deleted"]


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
    from pgerp.verify import verify

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
        assert told(report.drift) == {"missing index items_code_idx on app.items"}
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
        assert process.returncode != 0
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
