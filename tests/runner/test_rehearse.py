"""A rehearsal tells, statement by statement, what pending files would do to the target."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pgerp.db import connect
from pgerp.errors import EXIT_PENDING
from pgerp.rehearse import rehearse
from pgerp.rehearse_facts import Lock
from pgerp.rehearse_report import RehearsalReport, StatementReport
from tests.runner.rehearsals import ROWS, TARGET, file, project, scratch_folder, work

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
NewDatabase = Callable[[str | None], AbstractContextManager[str]]


@pytest.fixture(autouse=True, scope="module")
def temporary(
    scratch: Path, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder where this module's scratch servers are made."""
    with scratch_folder(scratch, f"rehearse-{worker_id}", tmp_path_factory) as folder:
        yield folder


@pytest.fixture(scope="module")
def report(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> RehearsalReport:
    """One rehearsal of all FILES."""
    pending, projects = project(tmp_path_factory.mktemp("project"), FILES)
    with new_database(None) as url, connect(url) as target:
        target.execute(TARGET.encode())
        return rehearse(target, pending, projects)


def statements(report: RehearsalReport, name: str) -> list[StatementReport]:
    found = file(report, name)
    assert found.error == ""
    return found.statements


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
