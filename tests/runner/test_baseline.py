"""pgerp baseline: take over a database that has the schema already."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.support import Demo


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def test_migrations_are_marked_and_not_run(demo: Demo) -> None:
    ids = [demo.table(number, "SELECT 1 / 0;") for number in (1, 2)]
    assert demo.run("baseline").code == 0
    assert demo.ledger() == [(id, "baseline") for id in ids]
    assert not demo.has("core_1")
    assert demo.run("status").code == 0
    assert demo.run("up").code == 0
    assert demo.rows("SELECT migration FROM pgerp.history WHERE action = 'baseline'") == [
        (id,) for id in ids
    ]


def test_what_comes_after_the_last_one_is_applied_by_up(demo: Demo) -> None:
    ids = [demo.table(number) for number in (1, 2, 3)]
    with demo.session() as conn:
        conn.execute("CREATE TABLE core_1 (id int); CREATE TABLE core_2 (id int)")
    assert demo.run("up").code == 2
    assert demo.ledger() == []
    assert demo.run("baseline", "--to", ids[1]).code == 0
    assert demo.run("up").code == 0
    assert demo.ledger() == list(zip(ids, ["baseline", "baseline", "applied"], strict=True))


def test_a_database_with_a_ledger_is_refused(demo: Demo) -> None:
    first = demo.table(1)
    demo.run("up")
    demo.table(2)
    assert demo.run("baseline").code == 2
    assert demo.ledger() == [(first, "applied")]


def test_an_unknown_last_one_is_refused_and_nothing_is_marked(demo: Demo) -> None:
    demo.table(1)
    assert demo.run("baseline", "--to", "20260101_0002_core_t2").code == 2
    assert demo.run("status", "--json").json["initialised"] is False


def test_one_project_is_marked_beside_others_that_are_migrated(demo: Demo, tmp_path: Path) -> None:
    own = demo.table(1)
    demo.run("up")
    other = Demo(tmp_path / "other", demo.url, name="other")
    stem = other.table(7)
    assert demo.run("baseline", also=[other]).code == 2
    assert demo.run("baseline", "--only", "third", also=[other]).code == 2
    assert demo.run("baseline", "--only", "other", also=[other]).code == 0
    assert demo.ledger() == [(own, "applied"), (f"other/{stem}", "baseline")]


def test_a_marked_migration_can_be_taken_back(demo: Demo) -> None:
    demo.table(1)
    with demo.session() as conn:
        conn.execute("CREATE TABLE core_1 (id int)")
    demo.run("baseline")
    assert demo.run("down", "--yes").code == 0
    assert demo.ledger() == []
    assert not demo.has("core_1")
