"""connect(): every way in which it fails has its SQLSTATE, and none shows the password."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.server import EmbeddedServer
from tests.runner.fakeserver import error, fake_server, welcome

SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def guarded(scratch: Path, worker_id: str) -> Iterator[str]:
    """A server that asks `locked` for a password and knows roles and databases with limits."""
    own = EmbeddedServer(scratch / f"guarded-{worker_id}", durable=False)
    url = own.start()
    hba = own.data / "pg_hba.conf"
    hba.write_text("local all locked scram-sha-256\n" + hba.read_text())
    with connect(url) as conn:
        conn.execute(
            f"""CREATE ROLE locked LOGIN PASSWORD '{SECRET}';
            CREATE ROLE barred NOLOGIN;
            CREATE ROLE crowded LOGIN CONNECTION LIMIT 0;
            CREATE ROLE plain LOGIN;"""
        )
        conn.execute("CREATE DATABASE private")
        conn.execute("REVOKE CONNECT ON DATABASE private FROM PUBLIC")
        conn.execute("CREATE DATABASE shut ALLOW_CONNECTIONS false")
        conn.execute("SELECT pg_reload_conf()")
    yield url
    own.stop()


def refused(url: str, **options: str) -> PgerpError:
    with pytest.raises(PgerpError) as failure:
        connect(url, **options)
    assert SECRET not in str(failure.value)
    assert failure.value.hint
    return failure.value


@pytest.mark.parametrize(
    ("changes", "sqlstate"),
    [
        ({"user": "locked", "password": f"not {SECRET}"}, "28P01"),
        ({"user": "locked"}, "28P01"),
        ({"user": "nobody"}, "28000"),
        ({"user": "barred"}, "28000"),
        ({"dbname": "nowhere"}, "3D000"),
        ({"user": "plain", "dbname": "private"}, "42501"),
        ({"user": "plain", "dbname": "shut"}, "55000"),
        ({"user": "crowded"}, "53300"),
        ({"host": "/nowhere"}, "08001"),
        ({"host": "127.0.0.1", "port": "1"}, "08001"),
        ({"host": "name.invalid"}, "08001"),
        ({"sslmode": "nonsense"}, "08001"),
    ],
)
def test_a_refused_session_has_the_servers_sqlstate(
    guarded: str, changes: dict[str, str], sqlstate: str
) -> None:
    parts = {**parse_url(guarded), "password": SECRET, **changes}
    if changes == {"user": "locked"}:
        del parts["password"]
    failure = refused(build_url(parts))
    assert failure.sqlstate == sqlstate


def test_a_failure_names_the_address(guarded: str) -> None:
    failure = refused(build_url({**parse_url(guarded), "dbname": "nowhere"}))
    assert failure.where is not None
    assert parse_url(failure.where)["dbname"] == "nowhere"


def test_the_right_password_is_let_in(guarded: str) -> None:
    url = build_url({**parse_url(guarded), "user": "locked", "password": SECRET})
    with connect(url) as conn:
        assert conn.execute("SELECT current_user").fetchone() == ("locked",)


@pytest.mark.parametrize("version", ["14.9", "9.6.24", "14beta1"])
def test_a_server_older_than_15_is_refused(version: str) -> None:
    with fake_server(welcome(version)) as url:
        assert refused(url).sqlstate == "0A000"


def test_a_server_of_15_is_taken() -> None:
    with fake_server(welcome("15.0")) as url:
        connect(url).close()


def test_a_server_that_is_starting_says_so() -> None:
    with fake_server(error("57P03", "the database system is starting up")) as url:
        assert refused(url).sqlstate == "57P03"


def test_a_server_that_speaks_another_language_is_quoted_without_the_password() -> None:
    text = "Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen"
    with fake_server(error("28P01", text)) as url:
        assert text in str(refused(url))


def test_a_server_that_never_answers_is_given_up() -> None:
    with fake_server(None) as url:
        started = time.monotonic()
        assert refused(url, connect_timeout="2").sqlstate == "08001"
        assert time.monotonic() - started < 60


def test_connecting_ends_after_ten_seconds_unless_the_url_says_otherwise(guarded: str) -> None:
    for url, seconds in ((guarded, "10"), (f"{guarded}&connect_timeout=3", "3")):
        with connect(url) as conn:
            assert conn.info.get_parameters()["connect_timeout"] == seconds


def test_a_server_without_tls_is_refused_where_tls_is_demanded() -> None:
    with fake_server(welcome("18.0")) as url:
        assert refused(url, sslmode="require").sqlstate == "08001"


def test_an_unreadable_url_is_not_quoted() -> None:
    refused(f"postgresql://u:{SECRET}@h/d?nonsense")
    refused(f"host=h password='{SECRET}")
    refused(f"postgresql://h:{SECRET}/d")


def test_a_session_is_in_utf8_with_our_name_and_outside_any_transaction(
    guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with connect(guarded) as conn:
        row = conn.execute(
            "SELECT current_setting('client_encoding'), current_setting('application_name')"
        ).fetchone()
        assert row == ("UTF8", "pgerp")
        assert conn.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


def test_an_application_name_in_the_url_or_environment_is_kept(
    guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "SELECT current_setting('application_name')"
    with connect(f"{guarded}&application_name=deploy") as conn:
        assert conn.execute(shown).fetchone() == ("deploy",)
    monkeypatch.setenv("PGAPPNAME", "nightly")
    with connect(guarded) as conn:
        assert conn.execute(shown).fetchone() == ("nightly",)


def test_nothing_is_prepared_on_the_server(guarded: str) -> None:
    with connect(guarded) as conn:
        for _ in range(10):
            conn.execute("SELECT %s::integer", [1])
        assert conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
