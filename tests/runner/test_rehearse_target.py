"""A rehearsal reads its target only, stops at the first failure, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp import catalog, squawk
from pgerp.db import connect
from pgerp.errors import EXIT_BROKEN
from pgerp.migrations import discover
from pgerp.project import Project, own_project
from pgerp.rehearse import rehearse
from pgerp.rehearse_facts import Lock
from tests.runner.rehearsals import TARGET, file, project, scratch_folder, work
from tests.servers import Unavailable, start_system, system_programs

VOLATILE = "SELECT 1; ALTER TABLE app.items ADD k uuid NOT NULL DEFAULT gen_random_uuid();"
TOUCH = """CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RETURN NEW; END; $$;"""
TRIGGER = """CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON app.items
FOR EACH ROW EXECUTE FUNCTION app.touch();"""


@pytest.fixture(autouse=True, scope="module")
def temporary(
    scratch: Path, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder where this module's scratch servers are made."""
    with scratch_folder(scratch, f"target-{worker_id}", tmp_path_factory) as folder:
        yield folder


def test_a_failing_file_ends_the_rehearsal_with_its_line(
    empty_database: str, tmp_path: Path
) -> None:
    files = {
        "good": "CREATE TABLE t (x integer);",
        "bad": "SELECT 1;\n\nSELECT\n    nothing FROM t;",
        "after": "SELECT 1;",
    }
    pending, projects = project(tmp_path, files)
    with connect(empty_database) as target:
        report = rehearse(target, pending, projects)
    assert f"{file(report, 'bad').path}:4" in file(report, "bad").error
    assert "42703" in file(report, "bad").error
    assert report.not_run == [pending[2].id]
    assert (report.failed, report.exit_code) == (True, EXIT_BROKEN)
    assert file(report, "bad").error in report.render()


def test_a_check_deferred_to_the_commit_fails_the_file(empty_database: str, tmp_path: Path) -> None:
    text = """CREATE TABLE a (id integer PRIMARY KEY);
        CREATE TABLE b (id integer REFERENCES a DEFERRABLE INITIALLY DEFERRED);
        INSERT INTO b VALUES (1);"""
    pending, projects = project(tmp_path, {"deferred": text})
    with connect(empty_database) as target:
        report = rehearse(target, pending, projects)
    assert "23503" in report.files[0].error


def test_the_rehearsal_runs_as_the_targets_own_role(
    empty_database: str, tmp_path: Path, worker_id: str
) -> None:
    role = f"rehearsing_{worker_id}"
    pending, projects = project(tmp_path, {"schema": "CREATE SCHEMA x;"})
    with connect(empty_database) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN".encode())
        try:
            with connect(empty_database, user=role) as target:
                assert "42501" in rehearse(target, pending, projects).files[0].error
            grant = f"GRANT CREATE ON DATABASE {admin.info.dbname} TO {role}"
            admin.execute(grant.encode())
            with connect(empty_database, user=role) as target:
                assert not rehearse(target, pending, projects).failed
        finally:
            admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_the_owner_role_of_a_new_project_comes_from_its_roles_file(
    empty_database: str, tmp_path: Path
) -> None:
    project(tmp_path, {"schema": "CREATE SCHEMA x;"})
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "roles.sql").write_text("CREATE ROLE rehearsed_owner;\n")
    owned = Project("app", tmp_path, owner="rehearsed_owner")
    with connect(empty_database) as target:
        report = rehearse(target, discover([owned]), [owned])
        # It may not create schemas, which shows that the file ran as this role.
        assert "42501" in report.files[0].error
        assert target.execute("SELECT to_regrole('rehearsed_owner')").fetchone() == (None,)


def test_the_target_is_only_read_and_nothing_is_left(
    empty_database: str, tmp_path: Path, temporary: Path
) -> None:
    pending, projects = project(tmp_path, {"a": "CREATE ROLE left_over; CREATE TABLE t ();"})
    roles = "SELECT array_agg(rolname ORDER BY rolname) FROM pg_roles"
    with connect(empty_database, options="-c default_transaction_read_only=on") as target:
        before = catalog.snapshot(target), target.execute(roles).fetchone()
        assert not rehearse(target, pending, projects).failed
        assert (catalog.snapshot(target), target.execute(roles).fetchone()) == before
        assert target.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert list(temporary.iterdir()) == []


def test_repeatable_files_follow_with_their_locks(empty_database: str, tmp_path: Path) -> None:
    pending, projects = project(tmp_path, {"a": "CREATE TABLE app.later (id bigint);"})
    files = {
        "functions/app/touch.sql": TOUCH,
        "sql/triggers/app/items.sql": TRIGGER,
        "views/app/names.sql": "CREATE OR REPLACE VIEW app.names AS SELECT name FROM app.items;",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    with connect(empty_database) as target:
        target.execute(TARGET.encode())
        report = rehearse(target, pending, projects)
    assert [one.kind for one in report.files] == ["migration", "function", "view", "trigger"]
    locks = {one.kind: one.statements[0].locks for one in report.files}
    assert locks["function"] == []
    assert locks["view"] == [Lock("app.items", "ACCESS SHARE", new=False)]
    assert locks["trigger"] == [Lock("app.items", "SHARE ROW EXCLUSIVE", new=False)]
    shown = [one.kind for one in report.files if one.path in report.render()]
    assert shown == ["migration", "trigger"]


def test_a_repeatable_file_that_fails_is_told_with_its_line(
    empty_database: str, tmp_path: Path
) -> None:
    _, projects = project(tmp_path, {})
    (tmp_path / "views" / "app").mkdir(parents=True)
    (tmp_path / "views/app/names.sql").write_text(
        "CREATE OR REPLACE VIEW app.names AS\nSELECT nothing FROM app.items;"
    )
    with connect(empty_database) as target:
        target.execute(TARGET.encode())
        report = rehearse(target, [], projects)
    assert f"{tmp_path}/views/app/names.sql:2" in report.files[0].error
    assert report.exit_code == EXIT_BROKEN


def test_repeatable_files_that_the_target_has_are_not_rehearsed(clone: str) -> None:
    with connect(clone) as target:
        assert rehearse(target, [], [own_project()]).files == []


def test_without_squawk_the_report_says_how_to_get_it(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(squawk, "find", lambda: None)
    pending, projects = project(tmp_path, {"a": "SELECT 1;"})
    with connect(empty_database) as target:
        assert squawk.MISSING in rehearse(target, pending, projects).notes


def test_a_target_of_a_version_without_embedded_server_is_rehearsed_on_the_next(
    scratch: Path, tmp_path: Path, worker_id: str
) -> None:
    try:
        url = start_system(scratch / f"rehearsed-{worker_id}", system_programs())
    except Unavailable as reason:
        pytest.skip(str(reason))
    pending, projects = project(tmp_path, {"a": VOLATILE})
    with connect(url) as target:
        target.execute(TARGET.encode())
        target.execute("CREATE EXTENSION IF NOT EXISTS plpgsql")
        report = rehearse(target, pending, projects)
    major = int(report.target_version.split(".")[0])
    assert int(report.copy_version.split(".")[0]) == {15: 16, 16: 16}.get(major, 18)
    assert report.source == "pg_dump"
    assert work(report.files[0].statements[1]) == [("rewrite", "app.items", "")]
