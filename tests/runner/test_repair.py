"""pgerp repair: the way out of edited, deleted, late and interrupted files, on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.support import Demo


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def repairs(demo: Demo) -> list[tuple[str, str, str]]:
    return demo.rows(
        "SELECT action, migration, reason FROM pgerp.history"
        " WHERE reason IS NOT NULL AND who = session_user ORDER BY id"
    )


def delete(demo: Demo, stem: str) -> None:
    for path in (demo.root / "migrations/core").glob(f"{stem}*"):
        path.unlink()


def test_an_edited_file_is_accepted_with_its_present_text(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    demo.table(1, "SELECT 1 / 0;")
    assert demo.run("repair", "--reason", "comment only").code == 0
    assert demo.run("status").code == 0
    assert demo.run("up").code == 0
    assert repairs(demo) == [("accept", stem, "comment only")]


def test_a_deleted_file_is_forgotten_and_what_it_made_stays(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    delete(demo, stem)
    assert demo.run("repair", "--reason", "squashed").code == 0
    assert demo.run("status").code == 0
    assert demo.ledger() == []
    assert demo.has("core_1")
    assert demo.value("SELECT count(*) FROM _yoyo_migration") == 0
    assert repairs(demo) == [("forget", stem, "squashed")]


def test_a_late_file_is_let_in_and_applied_by_the_next_up(demo: Demo) -> None:
    demo.table(5)
    demo.run("up")
    stem = demo.table(4)
    assert demo.run("repair", "--reason", "branch merged late").code == 0
    assert not demo.has("core_4")
    assert demo.run("status").code == 1
    assert demo.run("up").code == 0
    assert demo.has("core_4")
    assert demo.run("status").code == 0
    assert repairs(demo) == [("admit", stem, "branch merged late")]


def test_an_admitted_file_that_changes_afterwards_is_late_again(demo: Demo) -> None:
    demo.table(5)
    demo.run("up")
    demo.table(4)
    demo.run("repair", "--reason", "x")
    demo.table(4, "SELECT 1;")
    assert demo.run("up").code == 2


def test_only_the_given_ids_are_repaired(demo: Demo) -> None:
    first, second = demo.table(1), demo.table(2)
    demo.run("up")
    demo.table(1, "SELECT 1;")
    demo.table(2, "SELECT 1;")
    assert demo.run("repair", "--reason", "x", first).code == 0
    problems = demo.run("status", "--json").json["problems"]
    assert [problem["id"] for problem in problems] == [second]


def test_an_id_that_needs_no_repair_is_refused_and_nothing_is_repaired(demo: Demo) -> None:
    first, second = demo.table(1), demo.table(2)
    demo.run("up")
    demo.table(1, "SELECT 1;")
    outcome = demo.run("repair", "--reason", "x", first, second)
    assert outcome.code == 2
    assert second in outcome.err
    assert repairs(demo) == []


def test_a_dry_run_shows_and_changes_nothing(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    demo.table(1, "SELECT 1;")
    outcome = demo.run("repair", "--reason", "x", "--dry-run")
    assert stem in outcome.out
    assert repairs(demo) == []
    assert demo.run("status").code == 2


@pytest.mark.parametrize("words", [(), ("--reason", ""), ("--reason", "  ")])
def test_a_repair_without_a_reason_is_refused(demo: Demo, words: tuple[str, ...]) -> None:
    demo.table(1)
    demo.run("up")
    demo.table(1, "SELECT 1;")
    assert demo.run("repair", *words).code == 2
    assert demo.run("status").code == 2


def test_a_repair_of_a_healthy_database_does_nothing(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    assert demo.run("repair", "--reason", "x").code == 0
    assert repairs(demo) == []


def test_what_was_changed_by_hand_is_applied_again_from_its_file(demo: Demo) -> None:
    demo.table(1, "CREATE SCHEMA core;")
    path = demo.root / "functions" / "core" / "answer.sql"
    path.parent.mkdir(parents=True)
    path.write_text(
        "CREATE OR REPLACE FUNCTION core.answer() RETURNS integer LANGUAGE sql AS 'SELECT 42';\n"
    )
    demo.run("up")
    with demo.session() as by_hand:
        by_hand.execute(
            "CREATE OR REPLACE FUNCTION core.answer() RETURNS integer LANGUAGE sql AS 'SELECT 7'"
        )
    demo.run("up")
    assert demo.rows("SELECT core.answer()") == [(7,)]
    assert demo.run("repair", "--reason", "by hand", "--reapply").code == 0
    assert demo.run("status").code == 1
    demo.run("up")
    assert demo.rows("SELECT core.answer()") == [(42,)]
    assert demo.run("status").code == 0
    assert repairs(demo) == [("reapply", None, "by hand")]
