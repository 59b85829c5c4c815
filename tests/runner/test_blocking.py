"""A long reader blocks DDL: others never wait behind it for long, and the reader is named."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

import psycopg
import pytest

from pgerp.blocking import BlockMonitor
from pgerp.history import Connection
from tests.runner.support import ROOT, Demo, finish, until

STEM = "20260101_0900_core_alter"


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    demo = Demo(tmp_path / "demo", empty_database)
    demo.table(1)
    demo.run("up")
    demo.migration(STEM, "CREATE TABLE before (id int);\nALTER TABLE core_1 ADD COLUMN x int;\n")
    return demo


def read_until(url: str, stop: threading.Event, waits: list[float]) -> None:
    """Read the table over and over; note how long each reading took, in seconds."""
    with psycopg.connect(url, autocommit=True) as conn:
        while not stop.is_set():
            started = time.monotonic()
            conn.execute("SELECT count(*) FROM core_1")
            waits.append(time.monotonic() - started)
            time.sleep(0.005)


def test_other_readers_never_wait_longer_than_the_lock_timeout(demo: Demo) -> None:
    waits: list[float] = []
    stop = threading.Event()
    reader = threading.Thread(target=read_until, args=(demo.url, stop, waits))
    with demo.session(application_name="long-report") as blocker, blocker.transaction():
        blocker.execute("SELECT count(*) FROM core_1")
        reader.start()
        outcome = demo.run("up", "--lock-timeout", "300", "--retries", "3")
        stop.set()
        reader.join()
        pid = blocker.info.backend_pid
    assert outcome.code == 2
    for fact in (f"pid {pid}", "long-report", "core_1", STEM, "55P03"):
        assert fact in outcome.err
    # Blocked for about 300 ms at each try, and never for two tries in a row.
    assert sum(wait > 0.15 for wait in waits) >= 2
    assert max(waits) < 0.3 + 0.25
    assert not demo.has("before")
    assert len(demo.ledger()) == 1


def test_up_goes_through_as_soon_as_the_reader_is_done(demo: Demo) -> None:
    with demo.spawn("up", "--lock-timeout", "200") as process:
        with demo.session() as blocker, blocker.transaction():
            blocker.execute("SELECT count(*) FROM core_1")
            assert process.stderr is not None
            assert f"pid {blocker.info.backend_pid}" in process.stderr.readline()
        outcome = finish(process)
    assert outcome.code == 0
    assert demo.has("before")
    assert demo.ledger()[-1] == (STEM, "applied")


def test_the_servers_own_statement_timeout_is_left_as_it_is(demo: Demo) -> None:
    demo.table(1000, "CREATE TABLE seen AS SELECT current_setting('statement_timeout') AS x;")
    with demo.session() as conn:
        name = conn.info.dbname
        conn.execute(f'ALTER DATABASE "{name}" SET statement_timeout = 87654'.encode())
    assert demo.run("up").code == 0
    assert demo.value("SELECT x FROM seen") == "87654ms"


def test_repeatables_are_tried_again_too(demo: Demo) -> None:
    demo.migration(STEM, "CREATE SCHEMA core; CREATE TABLE core.t (id int);")
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT id FROM core.t;")
    assert demo.run("up").code == 0
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT id, id AS again FROM core.t;")
    with demo.spawn("up", "--lock-timeout", "200") as process:
        with demo.session() as blocker, blocker.transaction():
            blocker.execute("SELECT count(*) FROM core.v")
            assert process.stderr is not None
            assert f"pid {blocker.info.backend_pid}" in process.stderr.readline()
        assert finish(process).code == 0
    assert demo.run("status").code == 0


def test_a_deadlock_is_tried_again(demo: Demo) -> None:
    with demo.session() as conn:
        conn.execute("CREATE TABLE rivals (id int)")
    demo.migration(
        STEM,
        "CREATE TABLE before (id int);\nLOCK TABLE core_1;\nSELECT pg_sleep(0.5);\n"
        "LOCK TABLE rivals;\n",
    )
    with demo.spawn("up", "--lock-timeout", "30000") as process:
        with demo.session() as rival, rival.transaction():
            rival.execute("SET LOCAL deadlock_timeout = '60s'")
            rival.execute("LOCK TABLE rivals")
            query = "SELECT FROM pg_locks WHERE relation = 'core_1'::regclass AND granted"
            until(lambda: rival.execute(query).fetchone() is not None)
            rival.execute("LOCK TABLE core_1")
        outcome = finish(process)
    assert outcome.code == 0
    assert f"{STEM}: deadlock" in outcome.err
    assert demo.has("before")


def unreachable() -> Connection:
    """Connect to a server that never answers."""
    threading.Event().wait()
    raise AssertionError


def interrupt_everywhere() -> None:
    """Interrupt a watch at the first moment at which Python looks for signals, the second, ….

    Those moments are when a function is entered, and when one written in C has returned.
    """
    left = 0

    def strike(frame: FrameType, event: str, arg: object) -> None:
        nonlocal left
        left -= event in ("call", "c_return")
        if left == 0:
            sys.setprofile(None)
            raise KeyboardInterrupt

    for moment in itertools.count(1):
        left = moment
        monitor = BlockMonitor(unreachable, 0, 60_000)
        try:
            sys.setprofile(strike)
            for _ in range(2):
                with monitor.watch():
                    pass
            sys.setprofile(None)
        except KeyboardInterrupt:
            continue
        finally:
            monitor.close()
        sys.stdout.write(f"{moment}")
        return


def test_a_signal_at_any_moment_leaves_a_watch_that_can_be_closed() -> None:
    program = "from tests.runner.test_blocking import interrupt_everywhere as f; f()"
    words = [sys.executable, "-c", program]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert int(run.stdout) > 10


def test_a_watch_is_closed_though_its_server_does_not_answer() -> None:
    asked = threading.Event()

    def connect() -> Connection:
        asked.set()
        return unreachable()

    monitor = BlockMonitor(connect, 0, 10)
    with monitor.watch():
        assert asked.wait(20)
    closing = threading.Thread(target=monitor.close, daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
