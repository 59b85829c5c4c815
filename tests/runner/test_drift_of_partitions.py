"""Partitions that maintenance made are no drift as long as they are like their siblings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.test_drift import told
from tests.runner.tiny import Migrated

SCHEMA = """
CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE app.facts (id integer NOT NULL DEFAULT 0, note text) PARTITION BY RANGE (id);
CREATE TABLE app.facts_1 PARTITION OF app.facts FOR VALUES FROM (0) TO (10);
CREATE TABLE app.facts_default PARTITION OF app.facts DEFAULT;
CREATE INDEX facts_note_idx ON app.facts (note);
CREATE TABLE app.old_facts (LIKE app.facts INCLUDING DEFAULTS) PARTITION BY RANGE (id);
CREATE INDEX old_facts_note_idx ON app.old_facts (note);
COMMENT ON TABLE app.facts_1 IS 'From 0.';
"""
SHAPE = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON {0} USING (id > 0);
COMMENT ON POLICY own ON {0} IS 'Above zero.';
CREATE TRIGGER stay BEFORE TRUNCATE ON {0} EXECUTE FUNCTION app.keep('{0}');
GRANT SELECT ON {0} TO pg_monitor;
"""
EXTRA = (
    "CREATE TABLE app.facts_2 (LIKE app.facts INCLUDING DEFAULTS INCLUDING INDEXES);"
    "ALTER TABLE app.facts ATTACH PARTITION app.facts_2 FOR VALUES FROM (10) TO (20);"
    "COMMENT ON TABLE app.facts_2 IS 'From 10.';" + SHAPE.format("app.facts_2")
)
MOVED = EXTRA + (
    "ALTER TABLE app.facts DETACH PARTITION app.facts_2;"
    "ALTER TABLE app.facts_2 RENAME TO old_facts_2;"
    "ALTER TABLE app.old_facts ATTACH PARTITION app.old_facts_2 FOR VALUES FROM (10) TO (20);"
    "CREATE OR REPLACE TRIGGER stay BEFORE TRUNCATE ON app.old_facts_2"
    " EXECUTE FUNCTION app.keep('app.old_facts_2')"
)

DEVIATIONS = {
    "missing policy own on {}": "DROP POLICY own ON {}",
    "changed policy own on {}": "ALTER POLICY own ON {} USING (true)",
    "extra policy more on {}": "CREATE POLICY more ON {} USING (true)",
    "missing comment on policy own on {}": "COMMENT ON POLICY own ON {} IS NULL",
    "missing trigger stay on {}": "DROP TRIGGER stay ON {}",
    "changed trigger stay on {}": "ALTER TABLE {} DISABLE TRIGGER stay",
    "changed privileges on table {}": "GRANT INSERT ON {} TO pg_monitor",
    "extra privileges on column {}.note": "GRANT SELECT (note) ON {} TO pg_monitor",
    "changed table {}": "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "extra constraint more_check on {}": "ALTER TABLE {} ADD CONSTRAINT more_check CHECK (id < 99)",
    "extra index more_idx on {}": "CREATE INDEX more_idx ON {} (id, note)",
    "changed column {}.note": "ALTER TABLE {} ALTER COLUMN note SET DEFAULT 'x'",
}
TOGETHER = [found for found in DEVIATIONS if "own on" not in found and "stay on" not in found]


@pytest.fixture
def migrated(tmp_path: Path, empty_database: str) -> Migrated:
    migrated = Migrated(tmp_path, empty_database)
    tables = ("app.facts", "app.facts_1", "app.facts_default", "app.old_facts")
    migrated.write(
        "migrations/app/20260103_0000_app_facts.sql",
        SCHEMA + "".join(SHAPE.format(table) for table in tables),
    )
    migrated.up()
    return migrated


@pytest.mark.parametrize(
    ("made", "name"), [(EXTRA, "app.facts_2"), (MOVED, "app.old_facts_2")], ids=["made", "moved"]
)
def test_a_partition_is_compared_with_its_siblings_or_its_table(
    migrated: Migrated, made: str, name: str
) -> None:
    migrated.run(made)
    report = migrated.verify()
    assert told(report.drift) == set()
    assert report.drift is not None
    assert report.drift.partitions == [f"extra table {name}"]
    migrated.run(";".join(DEVIATIONS[found].format(name) for found in TOGETHER))
    assert told(migrated.verify().drift) == {found.format(name) for found in TOGETHER}


@pytest.mark.parametrize("name", ["app.facts_2", "app.old_facts_2"])
@pytest.mark.parametrize("found", [f for f in DEVIATIONS if f not in TOGETHER])
def test_what_guards_a_partition_is_missed(migrated: Migrated, found: str, name: str) -> None:
    migrated.run(EXTRA if name == "app.facts_2" else MOVED)
    migrated.run(DEVIATIONS[found].format(name))
    report = migrated.verify()
    assert told(report.drift) == {found.format(name)}
    assert report.exit_code == 2


def test_a_partition_without_comment_is_told(migrated: Migrated) -> None:
    migrated.run(EXTRA + "COMMENT ON TABLE app.facts_2 IS NULL")
    assert told(migrated.verify().drift) == {"missing comment on table app.facts_2"}
