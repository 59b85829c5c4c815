"""What PgBouncer hands from one session to the next, and the documented settings that end it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from pgerp.errors import PgerpError
from tests.conftest import ROOT
from tests.identity.conftest import hold
from tests.identity.pooled import Stage, documented, post
from tests.pgtap import results_eq, throws, value
from tests.pooler import find_program
from tests.runner.journals import ask, run

HOLDING = (
    "BEGIN; SELECT set_config('pgerp.token', '{token}', true);"
    " DECLARE c CURSOR WITH HOLD FOR SELECT id FROM identity.tenants; COMMIT"
)
# What one client does for the session, what another one then asks, what it gets, and what it
# should get: rows or an SQLSTATE.
HANDED_ON = {
    "token": (
        "SELECT set_config('pgerp.token', '{token}', false)",
        "SELECT id FROM identity.tenants",
        ["{tenant}"],
        [],
    ),
    "role": ("SET ROLE pgerp_app", "SELECT current_user::text", ["pgerp_app"], ["{login}"]),
    "search path": (
        "SET search_path = ledger",
        "SELECT current_setting('search_path')",
        ["ledger"],
        ['"$user", public'],
    ),
    "read only": (
        "SET default_transaction_read_only = on",
        "SELECT current_setting('transaction_read_only')",
        ["on"],
        ["off"],
    ),
    "cursor": (
        HOLDING,
        "FETCH ALL FROM c",
        ["{tenant}"],
        "34000",
    ),
    "listening": ("LISTEN c", "SELECT pg_listening_channels()", ["c"], []),
    "lock": (
        "SELECT pg_advisory_lock(1)",
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
        ["1"],
        ["0"],
    ),
    "prepared statement": ("PREPARE p AS SELECT 1", "EXECUTE p", ["1"], "26000"),
    "temporary table": (
        "CREATE TEMPORARY TABLE mine AS SELECT 1 AS id",
        "SELECT id FROM mine",
        ["1"],
        "42P01",
    ),
}


def answer(conn: psycopg.Connection, query: str) -> list[str] | str | None:
    """Return the first column of a query's rows as text, or its SQLSTATE."""
    try:
        return [str(row[0]) for row in conn.execute(query.encode())]
    except psycopg.Error as error:
        return error.sqlstate


def told(wanted: list[str] | str, facts: dict[str, Any]) -> list[str] | str:
    return wanted if isinstance(wanted, str) else [text.format(**facts) for text in wanted]


@pytest.mark.parametrize("what", HANDED_ON)
def test_what_a_client_leaves_reaches_the_next_unless_the_pool_takes_it_away(
    stage: Stage, what: str
) -> None:
    done, asked, got, wanted = HANDED_ON[what]
    facts = {"token": stage.token(), "tenant": stage.tenants[0], "login": stage.login}
    if what == "temporary table":
        with stage.clients(1) as (one,):
            throws(one, "42501", done)
        database = ask(stage.url, "SELECT quote_ident(current_database())")[0][0]
        ask(stage.url, f"GRANT TEMPORARY ON DATABASE {database} TO {stage.login}")
    for settings, expected in (({}, got), (documented(), wanted)):
        with stage.clients(2, **settings) as (one, two):
            process = value(one, "SELECT pg_backend_pid()")
            one.execute(done.format(**facts).encode())
            assert answer(two, asked) == told(expected, facts)
            # It was the same session of the server, and that was not given up.
            assert value(two, "SELECT pg_backend_pid()") == process


def test_who_forgets_the_token_may_not_write_after_another_one_set_it_for_the_session(
    stage: Stage,
) -> None:
    with stage.clients(2, **documented()) as (one, two):
        one.execute("SELECT set_config('pgerp.token', %s, false)", [stage.token()])
        throws(two, "ZI001", post())


def test_a_client_that_dies_in_its_transaction_leaves_nothing(stage: Stage) -> None:
    with stage.clients(2) as (one, two):
        one.execute("BEGIN")
        hold(one, stage.token())
        process = value(one, "SELECT pg_backend_pid()")
        one.execute(post().encode())
        one.pgconn.finish()
        results_eq(two, "SELECT id FROM identity.tenants", [])
        assert value(two, "SELECT pg_backend_pid()") != process
        throws(two, "ZI001", post())
    assert ask(stage.url, "SELECT FROM ledger.journal_entries") == []


def test_prepared_statements_of_the_protocol_are_to_be_switched_off(stage: Stage) -> None:
    with stage.pool() as pooler, contextlib.ExitStack() as stack:
        version = subprocess.run(
            [find_program(), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[1]
        if tuple(map(int, version.split(".")[:2])) >= (1, 21):
            pytest.skip(f"PgBouncer {version} can track them")
        clients = [
            stack.enter_context(
                psycopg.connect(
                    pooler.url(stage.login), autocommit=True, prepare_threshold=threshold
                )
            )
            for threshold in (0, 0, None)
        ]
        clients[0].execute("SELECT 1")
        with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
            clients[1].execute("SELECT 2")
        for _ in range(10):
            clients[2].execute("SELECT 3")


def test_a_token_in_the_connection_s_options_is_refused(stage: Stage) -> None:
    with stage.pool() as pooler:
        options = f"-c pgerp.token={stage.token()}"
        with pytest.raises(PgerpError) as refusal:
            connect(pooler.url(stage.login, options=options))
        assert refusal.value.sqlstate is not None
    with (
        stage.pool(ignore_startup_parameters="options") as deaf,
        connect(deaf.url(stage.login, options=options)) as conn,
    ):
        results_eq(conn, "SELECT id FROM identity.tenants", [])


@pytest.mark.parametrize(
    "words", [["up"], ["down", "--yes"], ["repair", "--reapply", "--reason", "x"]]
)
def test_migrations_are_refused_through_it_before_anything_is_done(
    stage: Stage, words: list[str]
) -> None:
    ask(stage.url, "UPDATE pgerp.repeatables SET checksum = repeat('0', 64)")
    state = "SELECT (SELECT count(*) FROM pgerp.history), (SELECT count(*) FROM pgerp.migrations)"
    before = ask(stage.url, state)
    with stage.pool() as pooler:
        result = run(pooler.url(), *words)
        assert result.exit_code == 2
        assert "pooler" in result.stderr
        assert run(pooler.url(), "status").exit_code == 1
        assert run(pooler.url(), "plan").exit_code == 1
    assert ask(stage.url, state) == before


def test_reports_work_through_it(stage: Stage) -> None:
    with stage.pool(**documented()) as pooler:
        words = ["report", "trial-balance", "--tenant", "Tenant 1", "--format", "json"]
        direct, through = run(stage.url, *words), run(pooler.url(), *words)
        assert (direct.exit_code, through.exit_code) == (0, 0)
        assert through.stdout == direct.stdout


def test_a_pooler_of_the_tests_dies_with_the_run(stage: Stage, tmp_path: Path) -> None:
    """Even if that is killed: it is told by a pipe."""
    script = (
        "import sys, time; from pathlib import Path; from tests.pooler import pooling\n"
        "with pooling(Path(sys.argv[1]), sys.argv[2], {}, 1):\n"
        "    print('up', flush=True); time.sleep(60)\n"
    )
    folder = stage.folder / f"orphan-{os.getpid()}"
    with stage.pool():
        pass
    with subprocess.Popen(
        [sys.executable, "-c", script, folder, stage.url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while (folder / ".s.PGSQL.6432").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
