"""A read-only standby answers status, plan and verify, and refuses what would write."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp.hostuser import server_user
from pgerp.server import EmbeddedServer
from tests.runner.support import Demo, until


@pytest.fixture
def pair(server_directory: Path) -> Iterator[tuple[str, str]]:
    """The addresses of a primary and of its hot standby."""
    primary = EmbeddedServer(server_directory / "primary", durable=False)
    standby = EmbeddedServer(server_directory / "standby", durable=False)
    try:
        primary.start()
        copy_to_standby(primary, standby)
        yield primary.url(), standby.start()
    finally:
        standby.stop()
        primary.stop()


def copy_to_standby(primary: EmbeddedServer, standby: EmbeddedServer) -> None:
    standby.data.parent.mkdir(mode=0o755)
    subprocess.run(
        [primary.binary("pg_basebackup"), "-D", standby.data, "-d", primary.url("postgres"),
         "-R", "-c", "fast", "-X", "stream", "--no-sync"],
        check=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    user = server_user(primary.data)
    if user.uid is not None and user.gid is not None:
        for folder, _, files in os.walk(standby.data):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                os.chown(path, user.uid, user.gid, follow_symlinks=False)


def test_a_standby_answers_status_plan_and_verify_and_refuses_up(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    primary, standby = pair
    demo = Demo(tmp_path / "demo", primary)
    first = demo.table(1)
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT 1 AS id;")
    demo.migration("20251231_2300_core_a", "CREATE SCHEMA core;")
    assert demo.run("up").code == 0
    demo.url = standby
    until(lambda: bool(demo.value("SELECT to_regclass('core.v') IS NOT NULL")))
    status = demo.run("status", "--json")
    assert (status.code, status.json["standby"]) == (0, True)
    assert status.json["applied"][-1]["id"] == first
    verify = demo.run("verify", "--json")
    assert (verify.code, verify.json["state"]) == (0, "healthy")
    assert verify.json["drift"]["built_on"] == "embedded PostgreSQL 18"
    second = demo.table(1000)
    assert demo.run("status", "--json").json["pending"] == [second]
    assert demo.run("status").code == 1
    assert demo.run("plan").code == 1
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "25006" in outcome.err
    demo.url = primary
    assert [id for id, _ in demo.ledger()][-1] == first
