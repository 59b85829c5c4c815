"""A rehearsal tells, statement by statement, what pending files would do to the target."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest

from pgerp import catalog, squawk
from pgerp.db import connect
from pgerp.errors import EXIT_BROKEN, EXIT_PENDING
from pgerp.migrations import Migration, discover
from pgerp.project import Project, own_project
from pgerp.rehearse import rehearse
from pgerp.rehearse_report import FileReport, Lock, RehearsalReport, StatementReport
from tests.servers import Unavailable, start_system, system_programs

ROWS = 5000
TARGET = f"""
CREATE SCHEMA app;
CREATE TABLE app.items (id bigint PRIMARY KEY, name text, amount integer);
CREATE TABLE app.parts (id bigint PRIMARY KEY, item_id bigint);
CREATE TABLE app.checked (id bigint, name text CONSTRAINT c_check CHECK (name IS NOT NULL));
CREATE INDEX items_name_idx ON app.items (name);
INSERT INTO app.items SELECT n, 'x', 1 FROM generate_series(1, {ROWS}) AS n;
ANALYZE app.items;
"""
FILES = {
    "volatile": """-- Why: every item gets a key.

        SELECT 1;
        ALTER TABLE app.items
        ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid();""",
    "index": "CREATE INDEX items_amount_idx ON app.items (amount);",
    "concurrent": """-- transactional: false
        CREATE INDEX CONCURRENTLY items_both_idx ON app.items (name, amount);""",
    "reindex": """-- transactional: false
        REINDEX INDEX CONCURRENTLY app.items_name_idx;""",
    "rebuild": "REINDEX INDEX app.items_name_idx;",
    "nullable": """ALTER TABLE app.items ALTER COLUMN name SET NOT NULL;
        ALTER TABLE app.checked ALTER COLUMN name SET NOT NULL;""",
    "check": """ALTER TABLE app.items ADD CONSTRAINT a_check CHECK (amount > 0) NOT VALID;
        ALTER TABLE app.items ADD CONSTRAINT b_check CHECK (amount > 1);""",
    "key": """ALTER TABLE app.parts ADD CONSTRAINT parts_fkey
        FOREIGN KEY (item_id) REFERENCES app.items (id);""",
    "table": "CREATE TABLE app.fresh (id bigint); CREATE INDEX fresh_idx ON app.fresh (id);",
    "column": "ALTER TABLE app.fresh ADD COLUMN name text;",
    "weaker": "LOCK TABLE app.parts; UPDATE app.parts SET id = 1; SELECT 1 FROM app.items;",
    "truncate": "TRUNCATE app.parts;",
    "subscription": """-- transactional: false
        CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere' PUBLICATION p;""",
}
TOUCH = """CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RETURN NEW; END; $$;"""
TRIGGER = """CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON app.items
FOR EACH ROW EXECUTE FUNCTION app.touch();"""
NewDatabase = Callable[[str | None], AbstractContextManager[str]]


@pytest.fixture(autouse=True, scope="module")
def temporary(
    scratch: Path, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder where this module's scratch servers are made, and pytest's own folders are not."""
    tmp_path_factory.getbasetemp()
    folder = scratch / f"rehearsals-{worker_id}"
    folder.mkdir(mode=0o755)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    yield folder
    tempfile.tempdir = before


def project(root: Path, files: dict[str, str]) -> tuple[list[Migration], list[Project]]:
    folder = root / "migrations" / "app"
    folder.mkdir(parents=True)
    for number, (name, text) in enumerate(files.items()):
        (folder / f"20260101_{number:04}_app_{name}.sql").write_text(text + "\n")
    projects = [Project("app", root)]
    return discover(projects), projects


@pytest.fixture(scope="module")
def report(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> RehearsalReport:
    """One rehearsal of all FILES."""
    pending, projects = project(tmp_path_factory.mktemp("project"), FILES)
    with new_database(None) as url, connect(url) as target:
        target.execute(TARGET.encode())
        return rehearse(target, pending, projects)


def file(report: RehearsalReport, name: str) -> FileReport:
    return next(one for one in report.files if one.id.endswith(f"_app_{name}"))


def statements(report: RehearsalReport, name: str) -> list[StatementReport]:
    found = file(report, name)
    assert found.error == ""
    return found.statements


def work(statement: StatementReport) -> list[tuple[str, str, str]]:
    return [(one.what, one.relation, one.detail) for one in statement.work]


def test_a_volatile_default_is_a_rewrite_under_an_exclusive_lock(report: RehearsalReport) -> None:
    harmless, adding = statements(report, "volatile")
    assert (harmless.locks, harmless.work) == ([], [])
    assert adding.locks == [Lock("app.items", "ACCESS EXCLUSIVE", new=False)]
    assert work(adding) == [("rewrite", "app.items", "")]


def test_the_size_is_the_targets(report: RehearsalReport) -> None:
    size = statements(report, "volatile")[1].work[0].size
    assert size is not None
    assert size.rows == ROWS
    assert size.bytes > ROWS * 30


def test_a_squawk_finding_stands_beside_its_statement(report: RehearsalReport) -> None:
    harmless, adding = statements(report, "volatile")
    assert harmless.findings == []
    (finding,) = [one for one in adding.findings if one.rule == "adding-field-with-default"]
    assert adding.line == 4
    assert finding.line in (4, 5)


def test_a_plain_index_blocks_writers_and_reads_the_table(report: RehearsalReport) -> None:
    (statement,) = statements(report, "index")
    assert statement.locks == [Lock("app.items", "SHARE", new=False)]
    assert work(statement) == [("build index", "app.items", "items_amount_idx")]
    assert statement.creates == ["app.items_amount_idx"]


def test_an_index_made_concurrently_blocks_nobody(report: RehearsalReport) -> None:
    (statement,) = statements(report, "concurrent")
    assert statement.locks == [Lock("app.items", "SHARE UPDATE EXCLUSIVE", new=False)]
    assert work(statement) == [("build index", "app.items", "items_both_idx")]
    assert not file(report, "concurrent").transactional


def test_an_index_rebuilt_concurrently_blocks_nobody(report: RehearsalReport) -> None:
    (statement,) = statements(report, "reindex")
    assert Lock("app.items", "SHARE UPDATE EXCLUSIVE", new=False) in statement.locks
    assert {lock.mode for lock in statement.locks} == {"SHARE UPDATE EXCLUSIVE"}


def test_the_rebuild_of_an_index_alone_is_told(report: RehearsalReport) -> None:
    (statement,) = statements(report, "rebuild")
    assert ("rebuild", "app.items_name_idx", "") in work(statement)
    assert Lock("app.items", "SHARE", new=False) in statement.locks
    assert Lock("app.items_name_idx", "ACCESS EXCLUSIVE", new=False) in statement.locks


def test_not_null_scans_the_table_unless_a_check_proves_it(report: RehearsalReport) -> None:
    scanning, proved = statements(report, "nullable")
    assert work(scanning) == [("check rows", "app.items", "")]
    assert work(proved) == []


def test_a_check_scans_the_table_unless_it_is_not_valid(report: RehearsalReport) -> None:
    not_valid, scanning = statements(report, "check")
    assert work(not_valid) == []
    assert work(scanning) == [("check rows", "app.items", "")]


def test_a_foreign_key_blocks_the_writers_of_both_tables(report: RehearsalReport) -> None:
    (statement,) = statements(report, "key")
    assert statement.locks == [
        Lock("app.items", "SHARE ROW EXCLUSIVE", new=False),
        Lock("app.parts", "SHARE ROW EXCLUSIVE", new=False),
    ]
    assert work(statement) == [("check foreign key", "app.parts", "parts_fkey")]


def test_a_table_made_in_the_file_is_nobodys_lock(report: RehearsalReport) -> None:
    table, index = statements(report, "table")
    assert table.creates == ["app.fresh"]
    assert (table.locks, index.locks, index.work) == ([], [], [])


def test_a_table_made_by_an_earlier_pending_file_is_marked_new(report: RehearsalReport) -> None:
    (statement,) = statements(report, "column")
    assert statement.locks == [Lock("app.fresh", "ACCESS EXCLUSIVE", new=True)]


def test_only_locks_stronger_than_those_held_are_told(report: RehearsalReport) -> None:
    strong, weaker, other = statements(report, "weaker")
    assert strong.locks == [Lock("app.parts", "ACCESS EXCLUSIVE", new=False)]
    assert weaker.locks == []
    assert other.locks == [Lock("app.items", "ACCESS SHARE", new=False)]


def test_emptying_a_table_is_no_rewrite(report: RehearsalReport) -> None:
    (statement,) = statements(report, "truncate")
    assert statement.work == []
    assert statement.locks[0] == Lock("app.parts", "ACCESS EXCLUSIVE", new=False)


def test_a_statement_that_reaches_out_to_another_server_is_not_run(report: RehearsalReport) -> None:
    (statement,) = statements(report, "subscription")
    assert statement.skipped
    assert statement.duration_ms is None


def test_every_statement_is_timed(report: RehearsalReport) -> None:
    times = [one.duration_ms for name in FILES for one in statements(report, name)]
    assert all(time is None or 0 < time < 60_000 for time in times)


def test_the_report_names_everything_in_text_and_json(report: RehearsalReport) -> None:
    text, document = report.render(), json.loads(json.dumps(report.as_json()))
    assert [one["id"] for one in document["files"]] == [one.id for one in report.files]
    for one in report.files:
        assert one.path in text
    for word in ("ACCESS EXCLUSIVE", "app.items", f"{ROWS:,}", "adding-field-with-default"):
        assert word in text
    assert (report.failed, report.exit_code) == (False, EXIT_PENDING)


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
    pending, projects = project(tmp_path, {"a": FILES["volatile"]})
    with connect(url) as target:
        target.execute(TARGET.encode())
        target.execute("CREATE EXTENSION IF NOT EXISTS plpgsql")
        report = rehearse(target, pending, projects)
    major = int(report.target_version.split(".")[0])
    assert int(report.copy_version.split(".")[0]) == {15: 16, 16: 16}.get(major, 18)
    assert report.source == "pg_dump"
    assert work(report.files[0].statements[1]) == [("rewrite", "app.items", "")]
