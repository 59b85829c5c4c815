"""A schema-only copy equals its original, by pg_dump or from the files; nothing is left of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp import catalog, postmaster, rehearse_scratch, schemacopy
from pgerp.db import connect
from pgerp.project import own_project
from pgerp.rehearse_scratch import scratch_server, sweep, version_for
from pgerp.schemacopy import copy_schema, dump_programs
from pgerp.server import EmbeddedServer
from tests.runner.rehearsals import scratch_folder
from tests.servers import Server

ROLES = "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper FROM pg_roles ORDER BY 1"
MEMBERS = "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2"
BUSY = """
from pgerp.rehearse_scratch import scratch_server
import os, sys, time
with scratch_server(18) as server:
    print(server.base, flush=True)
    {then}
    time.sleep(60)
"""


@pytest.fixture
def temporary(scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own, where scratch servers are made."""
    folder = scratch / f"rehearsals-{os.getpid()}-{tmp_path.name[-24:]}"
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def module_server(
    server: Server, scratch: Path, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedServer]:
    with (
        scratch_folder(scratch, f"copies-{worker_id}", tmp_path_factory),
        scratch_server(version_for(server.version)) as started,
    ):
        yield started


@pytest.fixture
def copy_server(module_server: EmbeddedServer) -> EmbeddedServer:
    """A scratch server with an empty database."""
    with connect(module_server.url("postgres")) as conn:
        conn.execute("DROP DATABASE pgerp WITH (FORCE)")
        conn.execute("CREATE DATABASE pgerp")
    return module_server


@pytest.mark.parametrize(("target", "copy"), [(15, 16), (16, 16), (17, 18), (18, 18), (19, 18)])
def test_the_copy_is_on_the_nearest_version_that_is_not_older(target: int, copy: int) -> None:
    assert version_for(target) == copy


def test_a_copy_by_pg_dump_has_the_same_catalog(clone: str, copy_server: EmbeddedServer) -> None:
    with connect(clone) as target, connect(copy_server.url()) as scratch:
        copied = copy_schema(target, copy_server, [own_project()])
        assert (copied.source, copied.notes) == ("pg_dump", [])
        # What was read back from text has its parentheses in other places.
        assert plain(catalog.snapshot(scratch)) == plain(catalog.snapshot(target))


def test_a_copy_from_the_files_has_the_same_catalog(
    clone: str, copy_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemacopy, "dump_programs", lambda *_: iter(()))
    with connect(clone) as target, connect(copy_server.url()) as scratch:
        copied = copy_schema(target, copy_server, [own_project()])
        assert copied.source == "replay"
        assert unqualified(catalog.snapshot(target)) == unqualified(catalog.snapshot(scratch))


def test_roles_are_copied_with_their_memberships_and_without_passwords(
    clone: str, copy_server: EmbeddedServer
) -> None:
    with connect(clone) as target, connect(copy_server.url()) as scratch:
        copy_schema(target, copy_server, [])
        wanted = {row for row in target.execute(ROLES) if not row[0].startswith("pg_")}
        assert wanted <= set(scratch.execute(ROLES))
        assert set(target.execute(MEMBERS)) <= set(scratch.execute(MEMBERS))
        passwords = scratch.execute("SELECT count(rolpassword) FROM pg_authid").fetchone()
        assert passwords == (0,)


def test_rows_are_not_copied(empty_database: str, copy_server: EmbeddedServer) -> None:
    with connect(empty_database) as target, connect(copy_server.url()) as scratch:
        target.execute("CREATE TABLE t AS SELECT 1 AS x")
        copy_schema(target, copy_server, [])
        assert scratch.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_what_the_copy_cannot_have_is_told(
    empty_database: str, copy_server: EmbeddedServer, pg_bin: Path
) -> None:
    with connect(empty_database) as target:
        try:
            target.execute("CREATE EXTENSION pg_trgm")
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("the server has no extension that the embedded one lacks")
        copied = copy_schema(target, copy_server, [])
        assert any("pg_trgm" in note for note in copied.notes)


def test_a_pg_dump_older_than_the_target_is_not_used(empty_database: str, temporary: Path) -> None:
    with connect(empty_database) as target:
        major = target.info.server_version // 10000
        older, newer = EmbeddedServer(temporary / "a", 16), EmbeddedServer(temporary / "b", 18)
        assert (older.binary("pg_dump") in dump_programs(target, older)) is (major <= 16)
        assert newer.binary("pg_dump") in dump_programs(target, newer)


def test_a_table_that_is_locked_does_not_make_the_copy_wait_for_ever(
    clone: str, copy_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemacopy, "LOCK_WAIT_MS", 100)
    with connect(clone) as target, connect(clone, autocommit=False) as other:
        other.execute("LOCK TABLE ledger.accounts IN ACCESS EXCLUSIVE MODE")
        assert copy_schema(target, copy_server, [own_project()]).source == "replay"


def test_a_scratch_server_leaves_neither_folder_nor_process(temporary: Path) -> None:
    with scratch_server(18) as server:
        data = server.data
        assert postmaster.find(data) is not None
    assert postmaster.find(data) is None
    assert list(temporary.iterdir()) == []


def test_an_exception_ends_the_scratch_server(temporary: Path) -> None:
    with pytest.raises(KeyError), scratch_server(16):
        raise KeyError
    assert list(temporary.iterdir()) == []


def test_data_kept_elsewhere_for_a_private_folder_are_removed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch_server(18) as server:
        base = server.base
        assert base.is_dir()
    assert not base.exists()
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_the_scratch_server(temporary: Path) -> None:
    with run_busy(temporary, "pass") as busy:
        data = first_line(busy) / "data"
        busy.send_signal(signal.SIGTERM)
    assert busy.returncode != 0
    assert postmaster.find(data) is None
    assert list(temporary.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left(temporary: Path) -> None:
    with run_busy(temporary, "os.kill(os.getpid(), 9)") as busy:
        data = first_line(busy) / "data"
    assert busy.returncode == -signal.SIGKILL
    assert postmaster.find(data) is not None
    with scratch_server(18):
        assert postmaster.find(data) is None
    assert list(temporary.iterdir()) == []


def test_the_scratch_server_of_another_live_run_is_let_be(temporary: Path) -> None:
    with scratch_server(18) as server:
        sweep()
        assert postmaster.find(server.data) is not None


def run_busy(temporary: Path, then: str) -> subprocess.Popen[str]:
    root = Path(rehearse_scratch.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", BUSY.format(then=then)],
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )


def plain(snapshot: dict[str, str]) -> dict[str, str]:
    return {key: re.sub(r"[()\s]", "", text) for key, text in unqualified(snapshot).items()}


def unqualified(snapshot: dict[str, str]) -> dict[str, str]:
    """Return it with the columns of materialized views, which have one relation each, unqualified.

    Before PostgreSQL 16 such columns are shown with the relation's alias.
    """
    return {
        key: re.sub(r"\bm\.", "", text) if key.startswith("materialized view ") else text
        for key, text in snapshot.items()
    }


def first_line(busy: subprocess.Popen[str]) -> Path:
    assert busy.stdout is not None
    return Path(busy.stdout.readline().strip())
