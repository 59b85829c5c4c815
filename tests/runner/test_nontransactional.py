"""Statements outside transactions: taken up again wherever they were cut short."""

from __future__ import annotations

import signal
from pathlib import Path

import psycopg
import pytest

from tests.runner.support import Demo, Outcome, finish, until

STEM = "20260101_0900_core_one"
INDEX = "CREATE UNIQUE INDEX CONCURRENTLY t_id_idx ON public.t (id)"


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    demo = Demo(tmp_path / "demo", empty_database)
    with demo.session() as conn:
        conn.execute("CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    assert demo.run("up").code == 0
    return demo


def alone(demo: Demo, statement: str) -> None:
    """Write the migration that holds this statement only."""
    demo.migration(STEM, f"-- transactional: false\n\n{statement};\n")


def begin(demo: Demo, statement: str) -> None:
    """Write the migration, and its row as a runner leaves it that dies before the statement."""
    alone(demo, "SELECT 1 / 0")
    demo.run("up")
    with demo.session() as conn:
        conn.execute("DELETE FROM pgerp.migrations")
    alone(demo, statement)
    (migration,) = demo.run("plan", "--json").json["steps"]
    assert migration["transactional"] is False
    from pgerp.history import applied_sql
    from pgerp.migrations import discover

    with demo.session() as conn:
        conn.execute(applied_sql(discover([demo.project()])[0], "running", "up").encode())


def index_states(demo: Demo) -> list[tuple[str, bool]]:
    return demo.rows(
        "SELECT indexrelid::regclass::text, indisvalid FROM pg_index"
        " WHERE indrelid = 't'::regclass ORDER BY 1"
    )


def kill_while_it_waits(demo: Demo, wait_for: str, stop: signal.Signals) -> Outcome:
    """Stop `up` while its statement waits for an older transaction that writes t."""
    waiting = (
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query ~ %s AND datname = current_database()"
    )
    with demo.session() as blocker, blocker.transaction(), demo.session() as conn:
        blocker.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        with demo.spawn("up", "--lock-timeout", "60000") as process:
            until(lambda: conn.execute(waiting, (wait_for,)).fetchone() is not None)
            process.send_signal(stop)
            outcome = finish(process)
        # The server ends the statement by itself, while it still waits.
        until(lambda: conn.execute(waiting, (wait_for,)).fetchone() is None)
        return outcome


def test_a_concurrent_index_is_built_and_recorded(demo: Demo) -> None:
    alone(demo, INDEX)
    assert demo.run("up").code == 0
    assert index_states(demo) == [("t_id_idx", True)]
    assert demo.ledger() == [(STEM, "applied")]
    assert demo.run("status").code == 0
    assert demo.run("up").code == 0


def test_the_same_statement_in_a_transaction_is_refused_by_its_line(demo: Demo) -> None:
    demo.migration(STEM, f"SELECT 1;\n\n{INDEX};\n")
    outcome = demo.run("up")
    assert outcome.code == 2
    assert f"{STEM}.sql:3" in outcome.err
    assert "25001" in outcome.err
    assert "transactional: false" in outcome.err


def test_a_failed_concurrent_index_stays_on_record_and_is_rebuilt(demo: Demo) -> None:
    with demo.session() as conn:
        conn.execute("INSERT INTO t VALUES (1)")
    alone(demo, INDEX)
    outcome = demo.run("up")
    assert outcome.code == 2
    assert f"{STEM}.sql:3" in outcome.err
    assert "23505" in outcome.err
    assert index_states(demo) == [("t_id_idx", False)]
    assert demo.ledger() == [(STEM, "running")]
    assert demo.run("status", "--json").json["interrupted"] == [STEM]
    assert demo.run("status").code == 1
    assert demo.run("up").code == 2
    with demo.session() as conn:
        conn.execute("DELETE FROM t")
    assert demo.run("up").code == 0
    assert index_states(demo) == [("t_id_idx", True)]
    assert demo.ledger() == [(STEM, "applied")]


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM])
def test_a_runner_stopped_while_it_builds_an_index_goes_on_at_the_next_up(
    demo: Demo, stop: signal.Signals
) -> None:
    alone(demo, INDEX)
    outcome = kill_while_it_waits(demo, "INDEX CONCURRENTLY", stop)
    assert outcome.code == {signal.SIGKILL: -9, signal.SIGTERM: 143}[stop]
    assert demo.ledger() == [(STEM, "running")]
    assert demo.run("up").code == 0
    assert index_states(demo) == [("t_id_idx", True)]
    assert demo.ledger() == [(STEM, "applied")]


def test_an_index_that_was_completed_but_not_recorded_is_not_built_again(demo: Demo) -> None:
    begin(demo, INDEX)
    with demo.session() as conn:
        conn.execute(INDEX.encode())
    before = demo.value("SELECT 't_id_idx'::regclass::oid")
    assert demo.run("up").code == 0
    assert demo.value("SELECT 't_id_idx'::regclass::oid") == before
    assert demo.ledger() == [(STEM, "applied")]


def test_an_index_that_was_never_begun_is_built(demo: Demo) -> None:
    begin(demo, INDEX)
    assert demo.run("up").code == 0
    assert index_states(demo) == [("t_id_idx", True)]


def test_a_statement_that_left_nothing_may_be_corrected(demo: Demo) -> None:
    alone(demo, INDEX.replace("(id)", "(idd)"))
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "42703" in outcome.err
    assert demo.ledger() == []
    alone(demo, INDEX)
    assert demo.run("up").code == 0


@pytest.mark.parametrize("valid", [True, False])
def test_an_index_that_was_there_before_is_refused_untouched(demo: Demo, valid: bool) -> None:
    with demo.session() as conn:
        if not valid:
            conn.execute("INSERT INTO t VALUES (1)")
        try:
            conn.execute(INDEX.encode())
        except psycopg.errors.UniqueViolation:
            assert not valid
    before = demo.value("SELECT 't_id_idx'::regclass::oid")
    alone(demo, INDEX)
    outcome = demo.run("up")
    assert outcome.code == 2
    assert f"{STEM}.sql:3" in outcome.err
    assert demo.ledger() == []
    assert demo.value("SELECT 't_id_idx'::regclass::oid") == before


def test_an_index_without_a_name_is_refused(demo: Demo) -> None:
    alone(demo, "CREATE INDEX CONCURRENTLY ON public.t (id)")
    outcome = demo.run("up")
    assert outcome.code == 2
    assert f"{STEM}.sql:3" in outcome.err
    assert index_states(demo) == []


def test_a_dropped_index_is_recorded_whether_it_is_gone_already_or_not(demo: Demo) -> None:
    begin(demo, "DROP INDEX CONCURRENTLY public.t_id_idx")
    assert demo.run("up").code == 0
    demo.run("repair", "--reason", "again")
    with demo.session() as conn:
        conn.execute(INDEX.encode())
        conn.execute("UPDATE pgerp.migrations SET state = 'running'")
    assert demo.run("up").code == 0
    assert index_states(demo) == []


def test_the_invalid_copies_of_a_killed_reindex_are_dropped(demo: Demo) -> None:
    with demo.session() as conn:
        conn.execute(INDEX.encode())
    alone(demo, "REINDEX TABLE CONCURRENTLY public.t")
    kill_while_it_waits(demo, "REINDEX", signal.SIGKILL)
    until(lambda: ("t_id_idx_ccnew", False) in index_states(demo))
    assert demo.run("up").code == 0
    assert index_states(demo) == [("t_id_idx", True)]
    assert demo.ledger() == [(STEM, "applied")]


def partitioned(demo: Demo) -> None:
    with demo.session() as conn:
        conn.execute("DROP TABLE t")
        conn.execute("CREATE TABLE t (id int) PARTITION BY LIST (id)")
        conn.execute("CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1)")
    alone(demo, "ALTER TABLE public.t DETACH PARTITION public.t_1 CONCURRENTLY")


def test_a_partition_half_detached_by_a_killed_runner_is_finalized(demo: Demo) -> None:
    partitioned(demo)
    kill_while_it_waits(demo, "DETACH", signal.SIGKILL)
    assert demo.rows("SELECT inhdetachpending FROM pg_inherits") == [(True,)]
    assert demo.run("up").code == 0
    assert demo.rows("SELECT inhdetachpending FROM pg_inherits") == []
    assert demo.has("t_1")
    assert demo.ledger() == [(STEM, "applied")]


def test_a_detach_that_timed_out_is_finalized_at_the_next_try(demo: Demo) -> None:
    partitioned(demo)
    with demo.spawn("up", "--lock-timeout", "200") as process:
        with demo.session() as blocker, blocker.transaction():
            blocker.execute("SELECT count(*) FROM t")
            assert process.stderr is not None
            assert f"pid {blocker.info.backend_pid}" in process.stderr.readline()
        assert finish(process).code == 0
    assert demo.rows("SELECT inhdetachpending FROM pg_inherits") == []


def test_an_enum_value_is_added_once(demo: Demo) -> None:
    with demo.session() as conn:
        conn.execute("CREATE TYPE colour AS ENUM ('red')")
    begin(demo, "ALTER TYPE public.colour ADD VALUE 'it''s blue' AFTER 'red'")
    assert demo.run("up").code == 0
    with demo.session() as conn:
        conn.execute("UPDATE pgerp.migrations SET state = 'running'")
    assert demo.run("up").code == 0
    assert demo.rows("SELECT enumlabel FROM pg_enum ORDER BY enumsortorder") == [
        ("red",),
        ("it's blue",),
    ]


@pytest.mark.parametrize("statement", ["VACUUM (ANALYZE) public.t", "ANALYZE public.t"])
def test_a_harmless_statement_is_run_again(demo: Demo, statement: str) -> None:
    begin(demo, statement)
    assert demo.run("up").code == 0
    assert demo.ledger() == [(STEM, "applied")]


UNKNOWN = "CREATE TABLE public.made AS SELECT 1 AS id"


def test_of_any_other_statement_a_person_says_that_it_runs_again(demo: Demo) -> None:
    begin(demo, UNKNOWN)
    for words in (("up",), ("status",), ("plan",)):
        outcome = demo.run(*words)
        assert outcome.code == 2
        assert f"{STEM}.sql:3" in outcome.err
        assert "pgerp repair" in outcome.err
    assert demo.run("status", "--json").json["problems"][0]["kind"] == "interrupted"
    assert not demo.has("made")
    assert demo.run("repair", "--reason", "looked: not there").code == 0
    assert demo.run("up").code == 0
    assert demo.has("made")


def test_of_any_other_statement_a_person_says_that_it_is_complete(demo: Demo) -> None:
    begin(demo, UNKNOWN)
    assert demo.run("repair", "--reason", "looked: there", "--as-applied").code == 0
    assert demo.run("status").code == 0
    assert not demo.has("made")
    assert demo.rows("SELECT action, reason FROM pgerp.history ORDER BY id DESC LIMIT 1") == [
        ("complete", "looked: there")
    ]
    assert demo.value("SELECT count(*) FROM _yoyo_migration") == 1


def test_a_half_built_index_whose_file_was_edited_needs_a_repair(demo: Demo) -> None:
    begin(demo, INDEX)
    alone(demo, INDEX.replace("t_id_idx", "t_other_idx"))
    assert demo.run("up").code == 2
    assert demo.run("repair", "--reason", "renamed").code == 0
    assert demo.run("up").code == 0
    assert index_states(demo) == [("t_other_idx", True)]
