"""Runners and servers that die at random moments: the next `up` completes, nobody helps."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pgerp import catalog, postmaster
from pgerp.db import connect
from pgerp.server import EmbeddedServer
from tests.runner.support import Demo, finish, until

# Enough that the last run still has something to do, however fast the machine.
MIGRATIONS = 400
KILLS = 50
SLEEPING = """SELECT count(*) FROM pg_stat_activity
    WHERE wait_event = 'PgSleep' AND datname = current_database()"""

NewDatabase = Callable[[str | None], contextlib.AbstractContextManager[str]]


@pytest.fixture
def chance() -> random.Random:
    """Random numbers whose seed is shown when the test fails, and can be given again."""
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    sys.stdout.write(f"PGERP_TEST_SEED={seed}\n")
    return random.Random(seed)


def generate(demo: Demo, count: int) -> None:
    """Write migrations that make a table, an index and a function each, and a view on some."""
    demo.migration("20251231_2359_core_schema", "CREATE SCHEMA core;", "DROP SCHEMA core;")
    for number in range(count):
        demo.migration(
            f"20260101_{number // 60:02d}{number % 60:02d}_core_t{number}",
            f"CREATE TABLE core.t{number} (id int PRIMARY KEY, name text NOT NULL);\n"
            f"CREATE INDEX t{number}_name_idx ON core.t{number} (name);\n"
            f"CREATE FUNCTION core.f{number}(p_id int) RETURNS text LANGUAGE sql\n"
            f"AS $$ SELECT t.name FROM core.t{number} AS t WHERE t.id = p_id $$;\n",
            f"DROP FUNCTION core.f{number}(int);\nDROP TABLE core.t{number};\n",
        )
    for number in range(0, count, 20):
        demo.write(
            f"views/core/v{number}.sql",
            f"CREATE VIEW core.v{number} AS SELECT id, name FROM core.t{number};",
        )


def snapshot(url: str) -> dict[str, str]:
    with connect(url) as conn:
        return catalog.snapshot(conn)


def stop_at_random(demo: Demo, how: signal.Signals, chance: random.Random) -> int:
    """Start `up` and signal it: while it starts, or after some migrations and a bit of the next.

    Returns:
        The exit code.
    """
    with demo.spawn("up") as process:
        assert process.stdout is not None
        if chance.random() < 0.2:
            time.sleep(chance.uniform(0, 0.3))
        else:
            for _ in range(chance.randint(0, 3)):
                process.stdout.readline()
            time.sleep(chance.uniform(0, 0.005))
        process.send_signal(how)
        return finish(process).code


def test_up_completes_after_kill_9_at_fifty_random_moments(
    tmp_path: Path, new_database: NewDatabase, chance: random.Random
) -> None:
    with new_database(None) as undisturbed, new_database(None) as url:
        demo = Demo(tmp_path / "demo", undisturbed)
        generate(demo, MIGRATIONS)
        assert demo.run("up").code == 0
        demo.url = url
        codes = [stop_at_random(demo, signal.SIGKILL, chance) for _ in range(KILLS)]
        assert codes.count(-signal.SIGKILL) > KILLS * 0.8
        assert demo.run("up").code == 0
        assert demo.run("status").code == 0
        ids = [id for id, state in demo.ledger() if state == "applied"]
        assert len(ids) == MIGRATIONS + 1
        assert ids == sorted(ids)
        count = "SELECT count(*), count(DISTINCT migration) FROM pgerp.history WHERE action = 'up'"
        assert demo.rows(count) == [(MIGRATIONS + 1, MIGRATIONS + 1)]
        assert demo.value("SELECT count(*) FROM _yoyo_migration") == MIGRATIONS + 1
        assert snapshot(url) == snapshot(undisturbed)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_up_completes_after_polite_signals_at_random_moments(
    tmp_path: Path,
    new_database: NewDatabase,
    chance: random.Random,
    how: signal.Signals,
    code: int,
) -> None:
    with new_database(None) as undisturbed, new_database(None) as url:
        demo = Demo(tmp_path / "demo", undisturbed)
        generate(demo, 40)
        assert demo.run("up").code == 0
        demo.url = url
        codes = [stop_at_random(demo, how, chance) for _ in range(8)]
        # While Python itself starts, a signal ends the process in Python's own ways.
        assert set(codes) <= {0, code, -how, 1}
        assert demo.run("up").code == 0
        assert demo.run("status").code == 0
        assert snapshot(url) == snapshot(undisturbed)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_cancels_the_statement_that_runs_and_names_the_file(
    tmp_path: Path, empty_database: str, how: signal.Signals, code: int
) -> None:
    demo = Demo(tmp_path / "demo", empty_database)
    first, second = demo.table(1), demo.table(2, "SELECT pg_sleep(60);")
    with demo.spawn("up") as process:
        until(lambda: bool(demo.value(SLEEPING)))
        process.send_signal(how)
        outcome = finish(process)
    assert outcome.code == code
    assert second in outcome.err
    assert "Traceback" not in outcome.err
    assert demo.value(SLEEPING) == 0
    assert demo.ledger() == [(first, "applied")]
    assert not demo.has("core_2")


def test_down_completes_by_up_after_kill_9(
    tmp_path: Path, new_database: NewDatabase, chance: random.Random
) -> None:
    with new_database(None) as url:
        demo = Demo(tmp_path / "demo", url)
        generate(demo, 40)
        assert demo.run("up").code == 0
        before = snapshot(url)
        for _ in range(3):
            with demo.spawn("down", "--all", "--yes") as process:
                assert process.stdout is not None
                while "taken back" not in (line := process.stdout.readline()) and line:
                    pass
                time.sleep(chance.uniform(0, 0.05))
                process.kill()
            assert demo.run("up").code == 0
            assert snapshot(url) == before


def test_a_server_killed_in_the_middle_is_gone_on_with_when_it_is_back(
    tmp_path: Path, server_directory: Path
) -> None:
    server = EmbeddedServer(server_directory / "crash")
    demo = Demo(tmp_path / "demo", server.start())
    try:
        first, second = demo.table(1), demo.table(2, "SELECT pg_sleep(60);")
        with demo.spawn("up") as process:
            until(lambda: bool(demo.value(SLEEPING)))
            found = postmaster.find(server.data)
            assert found is not None
            os.kill(found.pid, signal.SIGKILL)
            outcome = finish(process)
        assert outcome.code == 2
        assert f"{second}.sql" in outcome.err
        assert "Traceback" not in outcome.err
        server.start()
        assert demo.ledger() == [(first, "applied")]
        demo.table(2)
        assert demo.run("up").code == 0
        assert demo.ledger() == [(first, "applied"), (second, "applied")]
    finally:
        server.stop()
