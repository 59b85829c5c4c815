"""One runner at a time: the others wait, know for whom, and find nothing to do."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp.db import build_url, connect, parse_url
from pgerp.errors import PgerpError
from pgerp.lock import KEY, acquire, find_holder
from tests.runner.support import Demo, finish, until


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


@contextlib.contextmanager
def held(demo: Demo) -> Iterator[psycopg.Connection]:
    """Hold the runner's lock in a session called holder-app."""
    with demo.session(application_name="holder-app") as conn:
        acquire(conn, 0, print)
        yield conn


@pytest.mark.parametrize("count", [2, 5])
def test_of_several_runners_one_works_and_the_others_find_nothing_to_do(
    demo: Demo, count: int
) -> None:
    ids = [demo.table(number, "SELECT pg_sleep(0.02);") for number in range(1, 31)]
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(demo.spawn("up")) for _ in range(count)]
        outcomes = [finish(process) for process in processes]
    assert [outcome.code for outcome in outcomes] == [0] * count
    applied = [re.findall(r"applied (\w+_core_t\d+)", outcome.out) for outcome in outcomes]
    assert sorted(map(len, applied)) == [0] * (count - 1) + [30]
    assert demo.ledger() == [(id, "applied") for id in ids]


def test_a_runner_that_waits_in_vain_names_the_holder(demo: Demo) -> None:
    demo.table(1)
    with held(demo) as holder:
        pid = holder.info.backend_pid
        outcome = demo.run("up", "--lock-wait", "0.5")
        assert outcome.code == 2
        assert f"pid {pid}" in outcome.err
        assert "holder-app" in outcome.err
        assert "55P03" in outcome.err
    assert not demo.has("core_1")


def test_a_runner_says_at_once_for_whom_it_waits_and_goes_on_when_it_may(demo: Demo) -> None:
    demo.table(1)
    with contextlib.ExitStack() as stack:
        with held(demo) as holder:
            process = stack.enter_context(demo.spawn("up"))
            assert process.stderr is not None
            assert f"pid {holder.info.backend_pid}" in process.stderr.readline()
        assert finish(process).code == 0
    assert demo.has("core_1")


def test_waiting_holds_no_snapshot_that_would_stop_a_concurrent_index(demo: Demo) -> None:
    with contextlib.ExitStack() as stack:
        with held(demo) as holder:
            holder.execute("CREATE TABLE t (id int)")
            process = stack.enter_context(demo.spawn("up"))
            assert process.stderr is not None
            process.stderr.readline()
            holder.execute("SET lock_timeout = '5s'")
            holder.execute("CREATE INDEX CONCURRENTLY t_idx ON t (id)")
        assert finish(process).code == 0


def test_status_and_plan_need_no_lock(demo: Demo) -> None:
    demo.table(1)
    with held(demo):
        assert demo.run("status").code == 1
        assert demo.run("plan").code == 1


def test_another_database_of_the_server_has_a_lock_of_its_own(
    demo: Demo, tmp_path: Path, clone: str
) -> None:
    with connect(clone) as conn:
        acquire(conn, 0, print)
        assert demo.run("up", "--lock-wait", "0").code == 0


def test_the_lock_of_a_killed_runner_goes_though_its_statement_still_runs(demo: Demo) -> None:
    stem = demo.table(1, "SELECT pg_sleep(60);")
    with demo.spawn("up") as process, demo.session() as conn:
        until(lambda: find_holder(conn) is not None)
        until(lambda: bool(_sleeping(conn)))
        process.kill()
        finish(process)
        started = time.monotonic()
        until(lambda: find_holder(conn) is None)
        assert time.monotonic() - started < 10
    demo.table(1)
    assert demo.run("up").code == 0
    assert demo.ledger() == [(stem, "applied")]


def _sleeping(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query ~ 'pg_sleep.60'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchall()


def test_the_holder_is_found_by_the_key_alone(demo: Demo) -> None:
    with demo.session() as other, demo.session() as conn:
        other.execute("SELECT pg_advisory_lock(%s)", (KEY ^ (1 << 32),))
        other.execute("SELECT pg_advisory_lock(%s)", (KEY ^ 1,))
        assert find_holder(conn) is None
        other.execute("SELECT pg_advisory_lock(%s)", (KEY,))
        holder = find_holder(conn)
        assert holder is not None
        assert holder.pid == other.info.backend_pid


def test_a_connection_through_a_pooler_is_refused(demo: Demo) -> None:
    """A pooler hands out its own process number: this proxy changes nothing but that."""
    with _pooler(demo.url) as url, connect(url) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(PgerpError):
            acquire(conn, 0, print)
        with demo.session() as direct:
            assert find_holder(direct) is None


@contextlib.contextmanager
def _pooler(url: str) -> Iterator[str]:
    where = parse_url(url)
    port = where.get("port", "5432")
    if where.get("host", "").startswith("/"):
        server: tuple[int, object] = (socket.AF_UNIX, f"{where['host']}/.s.PGSQL.{port}")
    else:
        server = (socket.AF_INET, (where.get("host", "localhost"), int(port)))
    listener = socket.create_server(("127.0.0.1", 0))
    sockets = [listener]

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                backend = socket.socket(server[0])
                backend.connect(server[1])  # type: ignore[arg-type]
                sockets.extend((client, backend))
                for source, target, edit in ((client, backend, False), (backend, client, True)):
                    threading.Thread(target=_pump, args=(source, target, edit), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    rest = {**where, "host": "127.0.0.1", "port": str(listener.getsockname()[1])}
    try:
        yield build_url({**rest, "sslmode": "disable", "gssencmode": "disable"})
    finally:
        for item in sockets:
            with contextlib.suppress(OSError):
                item.shutdown(socket.SHUT_RDWR)
            item.close()


def _pump(source: socket.socket, target: socket.socket, edit: bool) -> None:
    """Copy bytes; change the process number in the server's BackendKeyData message."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            at = data.find(b"K\0\0\0\x0c") if edit else -1
            if at >= 0:
                data = data[: at + 5] + b"\0\0\0\x07" + data[at + 9 :]
            target.sendall(data)
