"""pgerp status and plan: read only, exit 0, 1 or 2, documents with stable keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner.support import Demo

STATUS_KEYS = {
    "state", "database", "server_version", "standby", "initialised", "projects", "applied",
    "pending", "interrupted", "not_applicable", "roles_pending", "repeatables_pending",
    "removed_files", "problems", "other_projects_applied",
}  # fmt: skip
PLAN_KEYS = {"state", "database", "steps", "not_applicable", "problems"}


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def test_an_untouched_database_has_all_pending_and_stays_untouched(demo: Demo) -> None:
    ids = [demo.table(number) for number in (1, 2)]
    status = demo.run("status", "--json")
    assert status.code == 1
    assert status.json.keys() == STATUS_KEYS
    assert status.json["state"] == "pending"
    assert (status.json["applied"], status.json["pending"]) == ([], ids)
    assert demo.run("status").code == 1
    assert demo.value("SELECT to_regnamespace('pgerp') IS NULL")


def test_a_migrated_database_is_clean(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    status = demo.run("status", "--json")
    assert (status.code, status.json["state"], status.json["pending"]) == (0, "clean", [])
    assert [(row["id"], row["state"]) for row in status.json["applied"]] == [(stem, "applied")]
    plan = demo.run("plan", "--json")
    assert (plan.code, plan.json["state"], plan.json["steps"]) == (0, "clean", [])


def test_a_plan_lists_the_steps_in_order_with_their_reasons(demo: Demo) -> None:
    demo.migration("20260101_0900_core_a", "CREATE SCHEMA core; CREATE TABLE core.t (id int);")
    for name in ("v", "w"):
        demo.write(f"views/core/{name}.sql", f"CREATE VIEW core.{name} AS SELECT 1 AS id;")
    demo.run("up")
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT 2 AS id;")
    with demo.session() as conn:
        conn.execute("DROP VIEW core.w")
    stem = demo.table(1000)
    plan = demo.run("plan", "--json")
    assert plan.code == 1
    assert plan.json.keys() == PLAN_KEYS
    assert [(step["action"], step["name"], step["reason"]) for step in plan.json["steps"]] == [
        ("migrate", stem, "new"),
        ("view", "pgerp:views/core/v.sql", "changed"),
        ("view", "pgerp:views/core/w.sql", "missing"),
    ]
    assert demo.run("plan").code == 1


def test_an_edited_applied_file_is_refused_everywhere(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    demo.table(1, "-- more\n")
    demo.table(2)
    for words in (("status",), ("plan",), ("up",)):
        outcome = demo.run(*words)
        assert outcome.code == 2
        assert f"{stem}.sql:1" in outcome.err
    assert not demo.has("core_2")
    (problem,) = demo.run("status", "--json").json["problems"]
    assert (problem["kind"], problem["id"]) == ("edited", stem)


def test_a_deleted_applied_file_is_refused_everywhere(demo: Demo) -> None:
    stem = demo.table(1)
    demo.run("up")
    for path in (demo.root / "migrations/core").glob(f"{stem}*"):
        path.unlink()
    for words in (("status",), ("plan",), ("up",)):
        outcome = demo.run(*words)
        assert outcome.code == 2
        assert f"{stem}.sql" in outcome.err
    assert demo.run("plan", "--json").json["problems"][0]["kind"] == "deleted"


def test_a_late_file_is_refused_everywhere(demo: Demo) -> None:
    last = demo.table(5)
    demo.run("up")
    stem = demo.table(4)
    for words in (("status",), ("plan",), ("up",)):
        outcome = demo.run(*words)
        assert outcome.code == 2
        assert f"{stem}.sql:1" in outcome.err
        assert last in outcome.err
    assert demo.run("status", "--json").json["problems"][0]["kind"] == "late"
    assert not demo.has("core_4")


def test_a_file_is_late_only_in_its_own_module(demo: Demo) -> None:
    demo.table(5)
    demo.run("up")
    demo.migration("20260101_0001_ledger_a", "SELECT 1;")
    assert demo.run("status").code == 1


def test_a_file_that_a_dependency_moved_back_is_not_late(demo: Demo) -> None:
    demo.migration("20260101_0001_core_a", "-- depends: 20260101_0002_core_b\nSELECT 1 / 0;")
    demo.migration("20260101_0002_core_b", "SELECT 1;")
    assert demo.run("up").code == 2
    assert demo.run("status", "--json").json["pending"] == ["20260101_0001_core_a"]
    assert demo.run("status").code == 1


def test_status_waits_for_nobody(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    with demo.session() as conn, conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(1)")
        conn.execute("LOCK TABLE core_1 IN ACCESS EXCLUSIVE MODE")
        conn.execute("LOCK TABLE pgerp.migrations, pgerp.history IN EXCLUSIVE MODE")
        assert demo.run("status").code == 0


def test_status_takes_no_more_than_access_share_locks(demo: Demo) -> None:
    from pgerp.survey import survey

    demo.table(1)
    demo.run("up")
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT 1 AS id;")
    with demo.session() as conn, conn.transaction():
        conn.execute("SET TRANSACTION READ ONLY")
        survey(conn, [demo.project()])
        modes = conn.execute(
            "SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid()"
            " AND locktype = 'relation'"
        ).fetchall()
    assert modes == [("AccessShareLock",)]
