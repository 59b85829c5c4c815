"""`pgerp messages worker` as a process: woken, stopped, killed, several at once; and status."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from pgerp.encryption import Keyring
from pgerp.keyfile import activate_next, add_next, create_file
from tests.ledger.books import open_books
from tests.messaging.queue import end_lease, queue, save, status
from tests.messaging.workers import ROOT, listening, once, wait_for, working
from tests.party.customers import create, sealed
from tests.pgtap import value
from tests.years import THIS_YEAR

NUMBER = "+254722000001"
SENT = "SELECT count(*) FROM messaging.messages WHERE status = 'sent'"


@dataclass
class Office:
    """A tenant with a customer whose number can be decrypted; where keys and messages are."""

    conn: psycopg.Connection
    url: str
    mary: Any
    keys: Path
    file: Path

    def options(self) -> list[str]:
        """Return the options of a worker that writes into the file."""
        return ["--keys", str(self.keys), "--file", str(self.file)]

    def http(self, url: str) -> list[str]:
        """Return the options of a worker that posts to a URL."""
        return ["--keys", str(self.keys), "--gateway", "http", "--url", url]

    def lines(self) -> list[Any]:
        """Return what the file has."""
        text = self.file.read_text("utf-8") if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def office(clone: str, tmp_path: Path) -> Iterator[Office]:
    keys = tmp_path / "keys.jwks"
    create_file(keys)
    encrypted, hashed = Keyring.load(keys).protect(NUMBER, "phone")
    with connect(clone) as conn:
        open_books(conn)
        save(conn)
        phone = {"phone_encrypted": encrypted, "phone_hash": hashed}
        mary = create(conn, given_name="Mary", **phone)
        yield Office(conn, clone, mary, keys, tmp_path / "messages.jsonl")


def pgerp(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a database."""
    return subprocess.run(
        [sys.executable, str(ROOT / "migrate.py"), "--database-url", url, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def test_once_sends_what_is_due_decrypted_and_ends(office: Office) -> None:
    message = queue(office.conn, office.mary)
    queue(office.conn, office.mary, not_before=f"{THIS_YEAR + 5}-01-01")
    done = once(office.url, *office.options())
    assert (done.returncode, done.stdout) == (0, "1 sent, 0 failed\n"), done.stderr
    ((line),) = office.lines()
    assert (line["to"], line["id"]) == (NUMBER, str(message))
    assert line["body"].startswith("Dear Mary, ")
    assert NUMBER not in done.stdout + done.stderr
    assert status(office.conn, message) == "sent"
    query = "SELECT count(*) FROM messaging.messages AS m WHERE strpos(m::text, %s) > 0"
    assert value(office.conn, query, [NUMBER]) == 0


def test_what_may_not_be_sent_does_not_keep_others_waiting(office: Office) -> None:
    john = create(office.conn, given_name="John", **sealed("phone", "+254722000002"))
    for _ in range(25):
        queue(office.conn, john)
    office.conn.execute("SELECT party.withdraw_consent(%s, 'sms_reminders', 'ussd')", [john])
    message = queue(office.conn, office.mary)
    assert once(office.url, *office.options()).stdout == "1 sent, 0 failed\n"
    assert status(office.conn, message) == "sent"


def test_a_worker_that_waits_is_woken_and_ends_by_a_signal(office: Office) -> None:
    with working(office.url, *office.options()) as worker:
        for number in range(1, 4):
            queue(office.conn, office.mary)
            wait_for(lambda number=number: value(office.conn, SENT) == number)  # type: ignore[misc]
        worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=15)
    assert (worker.returncode, output) == (0, "3 sent, 0 failed\n")


def test_several_workers_send_each_message_once(office: Office) -> None:
    with office.conn.transaction():
        for _ in range(150):
            queue(office.conn, office.mary)
    with (
        working(office.url, *office.options(), "--workers", "2"),
        working(office.url, *office.options(), "--workers", "2"),
    ):
        wait_for(lambda: bool(value(office.conn, SENT) == 150))
    ids = [line["id"] for line in office.lines()]
    assert len(ids) == len(set(ids)) == 150


def test_a_signal_lets_the_present_message_be_finished_and_gives_back_the_others(
    office: Office,
) -> None:
    for _ in range(3):
        queue(office.conn, office.mary)
    with listening() as here:
        here.hold.clear()
        with working(office.url, *office.http(here.url)) as worker:
            wait_for(lambda: len(here.posts) == 1)
            worker.send_signal(signal.SIGTERM)
            here.hold.set()
            output, _ = worker.communicate(timeout=15)
        assert (worker.returncode, output) == (0, "1 sent, 0 failed\n")
        assert len(here.posts) == 1
    rows = office.conn.execute(
        "SELECT status::text, attempts_left FROM messaging.messages ORDER BY id"
    ).fetchall()
    assert rows == [("sent", 7), ("queued", 8), ("queued", 8)]


def test_what_a_killed_worker_was_sending_is_sent_again_under_the_same_id(office: Office) -> None:
    message = queue(office.conn, office.mary)
    with listening() as here:
        here.hold.clear()
        with working(office.url, *office.http(here.url)) as worker:
            wait_for(lambda: len(here.posts) == 1)
            worker.kill()
            worker.wait()
        here.hold.set()
        assert status(office.conn, message) == "claimed"
        assert once(office.url, *office.http(here.url)).stdout == "0 sent, 0 failed\n"
        end_lease(office.conn, message)
        assert once(office.url, *office.http(here.url)).stdout == "1 sent, 0 failed\n"
        # At least once: by the id a gateway knows it again.
        assert [headers["Idempotency-Key"] for headers, _ in here.posts] == [str(message)] * 2
    assert status(office.conn, message) == "sent"


def test_a_failure_is_noted_said_and_tried_again_later_or_never(
    office: Office, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    first, second = queue(office.conn, office.mary), queue(office.conn, office.mary)
    with listening() as here:
        here.answers = [(503, {}, b""), (400, {}, b"not " + NUMBER.encode())]
        done = once(office.url, *office.http(here.url), "--token-file", str(token))
        assert here.posts[0][0]["Authorization"] == "Bearer s3cret"
    assert done.stdout == (
        "http: the gateway answered 503\nhttp: the gateway answered 400\n0 sent, 2 failed\n"
    )
    assert {status(office.conn, first), status(office.conn, second)} == {"queued", "failed"}
    assert "s3cret" not in done.stdout + done.stderr


def test_the_token_comes_from_the_environment_too_but_from_no_file_that_others_read(
    office: Office, tmp_path: Path
) -> None:
    queue(office.conn, office.mary)
    token = tmp_path / "token"
    token.write_text("s3cret")
    token.chmod(0o644)
    with listening() as here:
        refused = once(office.url, *office.http(here.url), "--token-file", str(token))
        assert refused.returncode == 2
        assert here.posts == []
        once(office.url, *office.http(here.url), PGERP_MESSAGES_TOKEN="s3cret")
        assert here.posts[0][0]["Authorization"] == "Bearer s3cret"


def test_a_number_whose_key_is_missing_waits_for_the_key(office: Office, tmp_path: Path) -> None:
    message = queue(office.conn, office.mary)
    other = tmp_path / "other.jwks"
    create_file(other)
    done = once(office.url, "--keys", str(other), "--file", str(office.file))
    assert done.stdout.endswith("0 sent, 1 failed\n")
    assert (status(office.conn, message), office.lines()) == ("queued", [])
    end_lease(office.conn, message)
    assert once(office.url, *office.options()).stdout == "1 sent, 0 failed\n"


def test_a_number_of_an_old_key_is_sent_while_the_keys_rotate(office: Office) -> None:
    queue(office.conn, office.mary)
    add_next(office.keys, ["encryption", "hash"])
    activate_next(office.keys)
    assert once(office.url, *office.options()).stdout == "1 sent, 0 failed\n"
    done = pgerp(office.url, "encryption", "reencrypt", "--keys", str(office.keys))
    assert done.returncode == 0, done.stderr
    query = "SELECT phone_encrypted FROM messaging.messages"
    assert not Keyring.load(office.keys).needs_rotation(value(office.conn, query))


def test_a_value_that_was_tampered_with_is_given_up(office: Office) -> None:
    john = create(office.conn, given_name="John", **sealed("phone", "+254722000002", "k1"))
    message = queue(office.conn, john)
    kid = value(
        office.conn,
        "SELECT split_part(phone_encrypted, ':', 1) FROM party.customers WHERE given_name = 'Mary'",
    )
    office.conn.execute(
        "UPDATE party.customers SET phone_encrypted = %s || ':' ||"
        " split_part(phone_encrypted, ':', 2) WHERE given_name = 'John'",
        [kid],
    )
    once(office.url, *office.options())
    assert status(office.conn, message) == "failed"


def test_without_keys_nothing_is_claimed(office: Office, tmp_path: Path) -> None:
    message = queue(office.conn, office.mary)
    done = once(office.url, "--keys", str(tmp_path / "none"), "--file", str(office.file))
    assert done.returncode == 2
    assert status(office.conn, message) == "queued"


@pytest.mark.parametrize(
    "options",
    [
        ["--url", "https://sms.example.com"],
        ["--gateway", "http"],
        ["--gateway", "http", "--url", "https://sms.example.com", "--file", "x"],
        ["--gateway", "http", "--url", "http://sms.example.com"],
        ["--json"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_fit_together_are_refused(office: Office, options: list[str]) -> None:
    done = once(office.url, "--keys", str(office.keys), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_status_counts_and_says_by_its_exit_code_whether_messages_are_due(office: Office) -> None:
    assert pgerp(office.url, "messages", "status").returncode == 0
    queue(office.conn, office.mary)
    done = pgerp(office.url, "messages", "status", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert (document["state"], document["workers"]) == ("pending", 0)
    sms = document["channels"][0]
    assert (sms["channel"], sms["queued"], sms["due"], sms["claimed"]) == ("sms", 1, 1, 0)
    assert "0 workers" in pgerp(office.url, "messages", "status").stdout
    assert pgerp(office.url, "messages", "status", "--once").returncode == 2


def test_a_database_without_the_module_says_so(new_database: Any) -> None:
    with new_database(None) as url:
        done = pgerp(url, "messages", "status")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
