"""pgerp new: two files that the runner itself accepts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pgerp.migrations import discover
from tests.runner.support import Demo


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path / "demo")


def files(demo: Demo) -> list[str]:
    found = (demo.root / "migrations").rglob("*.sql") if (demo.root / "migrations").exists() else []
    return sorted(path.relative_to(demo.root).as_posix() for path in found)


def test_both_files_are_named_by_the_present_time_in_utc(demo: Demo) -> None:
    assert demo.run("new", "ledger", "add_cost_centres").code == 0
    rollback, migration = files(demo)
    name = re.fullmatch(r"migrations/ledger/(\d{8}_\d{4})_ledger_add_cost_centres\.sql", migration)
    assert name
    assert rollback == migration.replace(".sql", ".rollback.sql")
    made = datetime.strptime(name[1], "%Y%m%d_%H%M").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=2)


def test_the_files_are_accepted_once_sql_is_added(demo: Demo) -> None:
    demo.run("new", "ledger", "one")
    rollback, path = (demo.root / name for name in files(demo))
    path.write_text(path.read_text() + "SELECT 1;\n")
    (migration,) = discover([demo.project()])
    assert (len(migration.statements), migration.transactional) == (1, True)
    assert (migration.depends, migration.rollback) == (frozenset(), rollback)


def test_a_links_file_gets_its_header(demo: Demo) -> None:
    assert demo.run("new", "links", "billing_ledger").code == 2
    assert demo.run("new", "links", "billing_ledger", "--links", "billing").code == 2
    assert demo.run("new", "core", "x", "--links", "billing ledger").code == 2
    assert files(demo) == []
    assert demo.run("new", "links", "billing_ledger", "--links", "billing ledger").code == 0
    (migration,) = discover([demo.project()])
    assert migration.links == ("billing", "ledger")


@pytest.mark.parametrize(
    ("module", "what"),
    [("Ledger", "x"), ("ledger", "Add"), ("ledger", "add-x"), ("ledger", ""), ("../x", "y"),
     ("ledger", "a b"), ("1x", "y"), ("ledger", "ä")],
)  # fmt: skip
def test_bad_names_are_refused(demo: Demo, module: str, what: str) -> None:
    assert demo.run("new", module, what).code == 2
    assert files(demo) == []


def test_a_name_that_exists_is_refused(demo: Demo) -> None:
    demo.migration("20260101_0900_ledger_one", "SELECT 1;")
    outcome = demo.run("new", "ledger", "one")
    assert outcome.code == 2
    assert "20260101_0900_ledger_one.sql" in outcome.err
    assert len(files(demo)) == 1


def test_the_last_project_given_gets_the_files_unless_another_is_named(
    demo: Demo, tmp_path: Path
) -> None:
    other = Demo(tmp_path / "other", name="other")
    assert demo.run("new", "core", "one", also=[other]).code == 0
    assert (len(files(demo)), len(files(other))) == (0, 2)
    assert demo.run("new", "core", "two", "--in", "pgerp", also=[other]).code == 0
    assert (len(files(demo)), len(files(other))) == (2, 2)
    assert demo.run("new", "core", "three", "--in", "third", also=[other]).code == 2
