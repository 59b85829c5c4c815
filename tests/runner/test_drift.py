"""Drift: what differs from the schema that the applied migrations and the files make."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgerp import drift
from tests.runner.tiny import Migrated

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
        "GRANT CREATE ON SCHEMA public TO pg_monitor"
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


def test_a_deleted_file_of_an_applied_migration_leaves_drift_unchecked(migrated: Migrated) -> None:
    migrated.remove("migrations/app/20260101_0000_app_tables.sql")
    report = migrated.verify()
    assert report.drift is not None
    assert "tiny/20260101_0000_app_tables" in str(report.drift.reason)
    assert [problem.kind for problem in report.survey.state.problems] == ["deleted"]
