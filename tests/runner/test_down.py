"""pgerp down: the newest first, each with its ledger rows, functions and views around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp import catalog
from pgerp.db import connect
from pgerp.down import down, plan_down
from pgerp.errors import PgerpError
from tests.runner.support import Demo


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def snapshot(demo: Demo) -> dict[str, str]:
    with demo.session() as conn:
        return catalog.snapshot(conn)


def test_down_takes_back_the_newest_and_shows_its_sql_first(demo: Demo) -> None:
    ids = [demo.table(number) for number in (1, 2)]
    demo.run("up")
    outcome = demo.run("down", "--yes")
    assert outcome.code == 0
    assert "DROP TABLE core_2" in outcome.out
    assert demo.ledger() == [(ids[0], "applied")]
    assert not demo.has("core_2")
    assert demo.rows("SELECT migration FROM pgerp.history WHERE action = 'down'") == [(ids[1],)]


def test_down_by_steps_and_to_an_id(demo: Demo) -> None:
    ids = [demo.table(number) for number in (1, 2, 3, 4)]
    demo.run("up")
    assert demo.run("down", "--yes", "--steps", "2").code == 0
    assert [id for id, _ in demo.ledger()] == ids[:2]
    assert demo.run("down", "--yes", "--to", ids[0]).code == 0
    assert [id for id, _ in demo.ledger()] == ids[:1]
    assert demo.run("down", "--yes", "--to", ids[0]).code == 0
    assert demo.run("down", "--yes", "--to", ids[3]).code == 2
    assert demo.run("down", "--yes", "--all").code == 0
    assert demo.ledger() == []


def test_down_without_a_rollback_file_is_refused_and_does_nothing(demo: Demo) -> None:
    demo.table(1)
    demo.migration("20260101_0900_core_a", "CREATE TABLE a (id int);")
    demo.table(1000)
    demo.run("up")
    outcome = demo.run("down", "--yes", "--all")
    assert outcome.code == 2
    assert "20260101_0900_core_a.sql" in outcome.err
    assert demo.has("core_1000")


def test_down_asks_and_without_somebody_to_answer_it_is_refused(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    assert demo.run("down").code == 2
    assert demo.run("down", stdin="y\n").code == 2
    assert demo.has("core_1")


def test_a_failing_rollback_leaves_everything_and_says_where(demo: Demo) -> None:
    stem = demo.table(1)
    demo.migration(stem, "CREATE TABLE core_1 (id int);\n", "DROP TABLE core_1;\nDROP TABLE no;\n")
    demo.run("up")
    outcome = demo.run("down", "--yes")
    assert outcome.code == 2
    assert f"{stem}.rollback.sql:2" in outcome.err
    assert "42P01" in outcome.err
    assert demo.has("core_1")
    assert demo.ledger() == [(stem, "applied")]


@pytest.mark.parametrize("rollback", ["DROP TABLE core_1;\nCOMMIT;", "-- depends: x\nSELECT 1;"])
def test_a_rollback_file_is_checked_like_a_migration(demo: Demo, rollback: str) -> None:
    stem = demo.table(1)
    demo.migration(stem, "CREATE TABLE core_1 (id int);\n", rollback)
    demo.run("up")
    assert demo.run("down", "--yes").code == 2
    assert demo.has("core_1")


def test_an_edited_migration_is_not_taken_back(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    demo.table(1, "SELECT 1;")
    outcome = demo.run("down", "--yes")
    assert outcome.code == 2
    assert f"{stem}.sql:1" in outcome.err


def test_an_incomplete_migration_is_not_taken_back(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    with demo.session() as conn:
        conn.execute("UPDATE pgerp.migrations SET state = 'running'")
    assert demo.run("down", "--yes").code == 2
    assert demo.ledger() == [(stem, "running")]
    assert demo.has("core_1")


def test_what_was_shown_is_taken_back_or_nothing(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    with demo.session() as conn:
        plan = plan_down(conn, [demo.project()])
    second = demo.table(2)
    demo.run("up")
    with pytest.raises(PgerpError):
        down(lambda: connect(demo.url), [demo.project()], plan)
    assert demo.has("core_1")
    assert demo.ledger()[-1] == (second, "applied")


def test_views_and_functions_that_stand_on_the_tables_go_and_the_others_come_back(
    demo: Demo,
) -> None:
    demo.migration(
        "20260101_0900_core_a",
        "CREATE SCHEMA core; CREATE TABLE core.a (id int);",
        "DROP TABLE core.a; DROP SCHEMA core;",
    )
    demo.migration("20260101_0901_core_b", "CREATE TABLE core.b (id int);", "DROP TABLE core.b;")
    demo.write("views/core/on_a.sql", "CREATE VIEW core.on_a AS SELECT id FROM core.a;")
    demo.write("views/core/on_b.sql", "CREATE VIEW core.on_b AS SELECT id FROM core.b;")
    demo.run("up", "--to", "20260101_0900_core_a")
    assert (demo.has("core.on_a"), demo.has("core.on_b")) == (True, False)
    first = snapshot(demo)
    demo.run("up")
    second = snapshot(demo)
    assert demo.run("down", "--yes").code == 0
    assert snapshot(demo) == first
    assert demo.run("up").code == 0
    assert snapshot(demo) == second
    assert demo.run("down", "--yes", "--all").code == 0
    assert "schema core" not in snapshot(demo)
    assert demo.run("up").code == 0
    assert snapshot(demo) == second


def test_a_step_of_a_project_that_was_not_given_is_refused(demo: Demo, tmp_path: Path) -> None:
    demo.table(1)
    other = Demo(tmp_path / "other", demo.url, name="other")
    other.table(2)
    demo.run("up", also=[other])
    outcome = demo.run("down", "--yes")
    assert outcome.code == 2
    assert "other/20260101_0002_core_t2" in outcome.err
    assert demo.run("down", "--yes", also=[other]).code == 0
    assert not demo.has("core_2")
