"""The benchmark of the ledger runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.ledger import commits
from bench.ledger.books import Books, drop_client, open_books
from bench.ledger.floor.acting import MissingRung
from bench.ledger.floor.proofs import Prover
from bench.ledger.floor.steps import NAMES, make_step, statements
from pgerp.db import connect
from tests.servers import Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def alone(scratch: Path) -> Iterator[None]:
    """The login of the client is one for the whole server, so one worker at a time."""
    with (scratch / "bench.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_quickly(server: Server, *parts: str) -> dict[str, Any]:
    """Run parts of the benchmark on the test server; return the figures of each."""
    command = [sys.executable, "-m", "bench", "ledger", "--quick", "--server", server.url]
    done = subprocess.run(
        [*command, *(word for part in parts for word in ("--part", part))],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = ROOT / done.stdout.split("written to ")[-1].strip()
    try:
        (facts,) = (
            facts
            for facts in json.loads(results.read_text()).values()
            if isinstance(facts, dict) and "targets" in facts
        )
    finally:
        results.unlink()
    return dict(facts)


def test_a_quick_run_posts_by_every_contestant_and_leaves_its_figures(server: Server) -> None:
    facts = run_quickly(server, "single", "floor", "hot")
    assert set(facts["single"]) == {"ledger", "raw", "naive"}
    assert list(facts["floor"]) == ["0 raw", *NAMES.values(), "ledger"]
    for part in ("single", "floor"):
        assert all(one["clients"]["4"]["rate"] > 0 for one in facts[part].values())
    # The test server does not wait for its disk, so there are no rows with longer commits.
    assert set(facts["hot"]) == {"ledger, spread", "ledger, hot", "naive, hot"}
    assert all(one["commit_ms"] > 0 for one in facts["hot"].values())


@pytest.fixture(scope="module")
def books(alone: None, new_database: Any, template: str, server: Server) -> Iterator[Books]:
    """Books with the whole ladder beside them."""
    with drop_client(server.url), new_database(template) as url:
        made = open_books(url)
        with connect(url) as conn:
            for step in NAMES:
                make_step(conn, step)
        yield made


@pytest.fixture
def conn(books: Books) -> Iterator[psycopg.Connection]:
    """A superuser's session in a transaction that is rolled back."""
    session = connect(books.url, autocommit=False)
    try:
        yield session
    finally:
        session.close()


@pytest.mark.parametrize("step", NAMES)
def test_every_rung_of_the_ladder_does_what_it_is_named_for(
    conn: psycopg.Connection, books: Books, step: int
) -> None:
    Prover(conn, books, step).prove()


GONE = {
    "a partition": (1, "DROP TABLE floor_1.lines_default"),
    "a domain": (2, "ALTER TABLE floor_2.lines ALTER COLUMN amount TYPE numeric(20, 4)"),
    "a check": (2, "ALTER TABLE floor_2.lines DROP CONSTRAINT journal_lines_currency_check"),
    "the key to accounts": (
        3,
        "ALTER TABLE floor_3.lines DROP CONSTRAINT journal_lines_account_fkey",
    ),
    "the key to periods": (
        3,
        "ALTER TABLE floor_3.entries DROP CONSTRAINT journal_entries_period_fkey",
    ),
    "forced row security": (4, "ALTER TABLE floor_4.lines NO FORCE ROW LEVEL SECURITY"),
    "row security of a partition": (
        4,
        "ALTER TABLE floor_4.lines_default DISABLE ROW LEVEL SECURITY",
    ),
    "the owner's policy": (4, "ALTER POLICY owner_isolation ON floor_4.lines USING (true)"),
    "that only the function writes": (
        4,
        (
            "GRANT INSERT ON floor_4.entries, floor_4.lines TO pgerp_bench; "
            "GRANT USAGE ON SEQUENCE floor_4.entry_numbers TO pgerp_bench; "
            "CREATE POLICY all_of_it ON floor_4.entries USING (true)"
        ),
    ),
    "a trigger": (5, "DROP TRIGGER journal_lines_guard_insert ON floor_5.lines"),
    "a WHEN clause": (
        5,
        (
            "CREATE OR REPLACE TRIGGER journal_lines_apply AFTER INSERT "
            "ON floor_5.lines FOR EACH ROW WHEN (false) EXECUTE FUNCTION floor_5.refuse()"
        ),
    ),
    "a key far below": (7, "ALTER TABLE floor_7.lines DROP CONSTRAINT journal_lines_account_fkey"),
}


@pytest.mark.parametrize("what", GONE)
def test_a_ladder_that_lacks_a_rung_is_found_out(
    conn: psycopg.Connection, books: Books, what: str
) -> None:
    step, change = GONE[what]
    conn.execute(change.encode())
    with pytest.raises(MissingRung):
        Prover(conn, books, step).prove()


LEFT_OUT = {
    "that the period is open": (5, "(v_target.status = 'open')", "(v_target.status IS NOT NULL)"),
    "that the entry balances": (5, "AND v_total = 0", "AND v_total IS NOT NULL"),
    "that each account is active": (5, "AND r.is_active", ""),
    "a balance": (6, "FOR v_i IN 1..v_count LOOP", "FOR v_i IN 2..v_count LOOP"),
    "the stripe of the session": (
        6,
        "pg_backend_pid() % g.balance_stripes",
        "(pg_backend_pid() + 1) % g.balance_stripes",
    ),
    "the token": (
        7,
        "identity.enter_tenant(NULL)",
        (
            "coalesce(nullif(current_setting('pgerp.tenant_id'), '')::integer, "
            "identity.enter_tenant(NULL))"
        ),
    ),
    "the token's businesses": (7, "v_allowed <> '*'", "false"),
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_a_function_that_leaves_something_out_is_found_out(
    conn: psycopg.Connection, books: Books, what: str
) -> None:
    step, text, instead = LEFT_OUT[what]
    function = statements(step).rpartition("SET ROLE pgerp_owner;")[2]
    assert text in function
    changed = function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    conn.execute(changed.replace(text, instead).encode())
    with pytest.raises(MissingRung):
        Prover(conn, books, step).prove()


def test_without_fsync_no_commit_is_said_to_take_longer(books: Books) -> None:
    assert not commits.can_delay(books)
    with pytest.raises(AssertionError), commits.delayed(books, 20):
        pass
