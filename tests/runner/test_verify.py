"""pgerp verify: checksums, drift and checks in one report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pgerp.cli import main
from pgerp.cli.verify import HELP
from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.project import Project
from pgerp.verify import verify
from tests.runner.tiny import Migrated
from tests.years import maintained_partitions


@pytest.fixture
def migrated(tmp_path: Path, empty_database: str) -> Migrated:
    return Migrated(tmp_path, empty_database)


def test_our_own_database_is_healthy(clone: str) -> None:
    result = CliRunner().invoke(main, ["--database-url", clone, "verify", "--json"])
    report = json.loads(result.output)
    assert result.exit_code == 0
    assert report["state"] == "healthy"
    assert report["drift"]["differences"] == []
    assert report["drift"]["partitions"] == [
        f"extra table {name}" for name in maintained_partitions()
    ]
    assert {check["state"] for check in report["checks"]} == {"ok"}


def test_damage_is_told_with_exit_code_2(clone: str) -> None:
    with connect(clone) as conn:
        conn.execute("ALTER TABLE ledger.accounts ALTER COLUMN name DROP NOT NULL")
        conn.execute("ALTER TABLE ledger.accounts NO FORCE ROW LEVEL SECURITY")
    result = CliRunner().invoke(main, ["--database-url", clone, "verify"])
    assert result.exit_code == 2
    assert "column ledger.accounts.name" in result.output
    assert "sql/checks/identity/row_security_is_forced.sql" in result.output


def test_an_edited_migration_is_a_checksum_problem(migrated: Migrated) -> None:
    path = "migrations/app/20260101_0000_app_tables.sql"
    migrated.write(path, (migrated.root / path).read_text() + "-- edited\n")
    report = migrated.verify()
    document = report.as_json()
    assert report.exit_code == 2
    assert document["checksums"]["state"] == "problems"
    (problem,) = document["checksums"]["problems"]
    assert problem["kind"] == "edited"
    assert problem["where"] == f"{migrated.root / path}:1"
    assert document["drift"]["state"] == "ok"


def test_offenders_of_a_check_make_it_broken(migrated: Migrated) -> None:
    migrated.write(
        "sql/checks/app/codes.sql",
        "-- Codes are short\nSELECT code FROM app.items WHERE code > 'n';",
    )
    assert migrated.verify().exit_code == 0
    migrated.run("INSERT INTO app.items DEFAULT VALUES")
    report = migrated.verify()
    assert report.exit_code == 2
    assert report.as_json()["checks"] == [
        {
            "name": "tiny:app/codes",
            "title": "Codes are short",
            "state": "offenders",
            "offenders": 1,
            "sample": [{"code": "none"}],
            "reason": None,
        }
    ]


def test_a_check_that_could_not_be_run_is_not_healthy(migrated: Migrated) -> None:
    migrated.write("sql/checks/app/broken.sql", "-- Broken\nSELECT 1 FROM app.nothing;")
    assert migrated.verify().exit_code == 2


def test_drift_can_be_left_out(migrated: Migrated) -> None:
    migrated.run("DROP INDEX app.items_code_idx")
    assert migrated.verify().exit_code == 2
    report = migrated.verify(with_drift=False)
    assert report.exit_code == 0
    assert report.as_json()["drift"] == {"state": "not asked"}


def test_pending_files_are_told_and_are_no_fault(migrated: Migrated) -> None:
    migrated.write("migrations/app/20260102_0000_app_more.sql", "CREATE TABLE app.more (i int);")
    migrated.remove("views/app/codes.sql")
    migrated.run("DROP VIEW app.codes")
    document = migrated.verify().as_json()
    assert document["state"] == "healthy"
    assert document["checksums"]["pending"] == ["tiny/20260102_0000_app_more"]
    assert document["checksums"]["removed_files"] == []


def test_a_database_without_migrations_cannot_be_verified(
    empty_database: str, tmp_path: Path
) -> None:
    with connect(empty_database) as conn, pytest.raises(PgerpError) as failure:
        verify(conn, lambda **options: conn, [Project("tiny", tmp_path)])
    assert "pgerp up" in str(failure.value.hint)


def test_the_help_documents_every_key_of_the_json(migrated: Migrated) -> None:
    migrated.write("sql/checks/app/all.sql", "-- None\nSELECT 1 AS n;")
    migrated.run("DROP INDEX app.items_code_idx")
    document = migrated.verify().as_json()
    keys = set(document) | set(document["checksums"]) | set(document["drift"])
    keys |= set(document["drift"]["differences"][0]) | set(document["checks"][0])
    assert {key for key in keys if not re.search(rf"\b{key}\b", HELP)} == set()
