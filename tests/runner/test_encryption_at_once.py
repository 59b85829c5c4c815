"""`pgerp encryption reencrypt` beside writers, and cut off in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from pgerp.encryption import Keyring
from pgerp.keyfile import read_keys
from pgerp.reencrypt import Settings, reencrypt
from tests.background import Background
from tests.conftest import ROOT
from tests.pgtap import value
from tests.runner.people import People
from tests.runner.support import until


@pytest.fixture
def people(clone: str, tmp_path: Path) -> People:
    return People(clone, tmp_path)


def test_a_row_that_others_hold_is_come_back_to_and_what_they_write_stays(people: People) -> None:
    people.add(people.tenants[0], range(20))
    people.rotate()
    with connect(people.url) as writer, connect(people.url) as conn, connect(people.url) as look:
        writer.execute("BEGIN")
        mine = people.ring.encrypt("written meanwhile")
        writer.execute("UPDATE core.people SET note_encrypted = %s WHERE name = 'person 7'", [mine])
        work = Background(
            conn,
            lambda: reencrypt(
                conn,
                read_keys(people.file),
                country="KE",
                settings=Settings(batch=4),
                say=lambda _: None,
            ),
        )
        active = people.kid("encryption")
        done = f"SELECT count(*) FROM core.people WHERE phone_encrypted ~ '^{active}'"
        until(lambda: value(look, done) == 19)
        assert not work.waits(look)
        writer.execute("COMMIT")
        assert work.result() is None
    assert (work.value.rows, work.value.left) == (20, 0)
    (row,) = people.rows("name = 'person 7'")
    assert row["note_encrypted"] == mine
    assert not people.ring.needs_rotation(row["phone_encrypted"])


def test_a_value_that_is_written_while_its_batch_is_under_way_waits_and_wins(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.add(people.tenants[0], range(3))
    people.rotate()
    mine = people.ring.encrypt("mine")
    writing: list[Background] = []
    with connect(people.url) as writer, connect(people.url) as look:
        real = Keyring.rotate

        def rotate(ring: Keyring, one: str) -> str:
            if not writing:
                update = "UPDATE core.people SET note_encrypted = %s WHERE name = 'person 1'"
                writing.append(Background(writer, lambda: writer.execute(update, [mine])))
                # The row was read already: without the lock this would be overwritten.
                assert writing[0].waits(look)
            return real(ring, one)

        monkeypatch.setattr(Keyring, "rotate", rotate)
        assert people.reencrypt().exit_code == 0
        assert writing[0].result() is None
    assert people.rows("name = 'person 1'")[0]["note_encrypted"] == mine


def test_two_at_once_share_the_rows(people: People) -> None:
    people.add(people.tenants[0], range(300))
    people.rotate()
    keys = read_keys(people.file)

    def work(conn: psycopg.Connection) -> Background:
        settings = Settings(batch=3)
        return Background(
            conn,
            lambda: reencrypt(conn, keys, country="KE", settings=settings, say=lambda _: None),
        )

    with connect(people.url) as one, connect(people.url) as two:
        both = [work(one), work(two)]
        assert [each.result() for each in both] == [None, None]
    assert sum(each.value.rows for each in both) == 300
    assert [each.value.left for each in both] == [0, 0]
    people.assert_right(range(300), people.tenants[0])
    assert {row["version"] for row in people.rows()} == {2}


def test_a_table_that_is_locked_for_a_moment_is_waited_for(people: People) -> None:
    people.add(people.tenants[0], range(3))
    people.rotate()
    keys, brief = read_keys(people.file), Settings(lock_timeout_ms=20)
    with connect(people.url) as other, connect(people.url) as conn, connect(people.url) as look:
        other.execute("BEGIN")
        other.execute("LOCK TABLE core.people IN ACCESS EXCLUSIVE MODE")
        work = Background(
            conn,
            lambda: reencrypt(conn, keys, country="KE", settings=brief, say=lambda _: None),
        )
        assert work.waits(look)
        # Longer than one statement waits.
        time.sleep(0.1)
        other.execute("ROLLBACK")
        assert work.result() is None
    assert work.value.rows == 3


def test_rows_that_are_held_to_the_end_are_told_and_left(people: People) -> None:
    people.add(people.tenants[0], range(5))
    people.rotate()
    with connect(people.url) as writer:
        writer.execute("BEGIN")
        writer.execute("SELECT FROM core.people WHERE name = 'person 2' FOR UPDATE")
        result = people.reencrypt("--retries", "1")
        assert result.exit_code == 2
        assert result.stdout.endswith("4 rows rewritten, 1 left as they were\n")
        writer.execute("ROLLBACK")
    assert people.reencrypt().exit_code == 0
    people.assert_right(range(5), people.tenants[0])


def test_killed_in_the_middle_it_goes_on_where_it_was(people: People) -> None:
    tenant = people.tenants[0]
    people.add(tenant, range(1500))
    people.rotate()
    words = ["reencrypt", "--country", "KE", "--batch", "5", "--keys", str(people.file)]
    program = [sys.executable, str(ROOT / "migrate.py"), "--database-url", people.url]
    active = people.kid("encryption")
    done = f"SELECT count(*) FROM core.people WHERE phone_encrypted ~ '^{active}'"
    with (
        connect(people.url) as look,
        subprocess.Popen(
            [*program, "encryption", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as process,
    ):
        until(lambda: bool(value(look, done) > 50))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        kept = value(look, done)
        assert 50 < kept < 1500
        assert kept % 5 == 0
    versions = {row["name"]: row["version"] for row in people.rows()}
    assert sorted(versions.values()) == [1] * (1500 - kept) + [2] * kept
    assert people.reencrypt().exit_code == 0
    people.assert_right(range(1500), tenant)
    # None was done twice.
    assert {row["version"] for row in people.rows()} == {2}
