"""The commands of an operator in a database whose service keeps no books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pgerp.db import connect
from tests.pgtap import value
from tests.runner.test_maintain import invoke
from tests.years import maintained


@pytest.fixture(scope="module")
def url(new_database: Any) -> Any:
    """A database of hr alone, with a tenant."""
    with new_database(None) as url:
        done = invoke(url, "up", "--modules", "hr")
        assert done.returncode == 0, done.stderr
        with connect(url) as conn:
            conn.execute("SELECT identity.create_tenant('Alone')")
        yield url


def test_maintain_makes_what_partitions_there_are(url: str) -> None:
    done = invoke(url, "maintain", "--years-ahead", "4")
    assert (done.returncode, done.stderr) == (0, "")
    made = [f"{what} of {year}" for what in ("events", "audit log") for year in maintained(4)]
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == made
    assert invoke(url, "maintain", "--years-ahead", "4").stdout == "partitions: all there\n"
    assert invoke(url, "verify").returncode == 0


def test_the_log_is_sealed_and_verified(url: str, tmp_path: Path) -> None:
    assert invoke(url, "maintain").returncode == 0
    file = tmp_path / "seals"
    sealed = invoke(url, "seal", "--export", str(file))
    assert (sealed.returncode, sealed.stderr) == (0, "")
    assert "sealed" in sealed.stdout and "entries" not in sealed.stdout
    assert invoke(url, "verify", "--seals", str(file)).returncode == 0
    with connect(url) as conn:
        conn.execute("SET session_replication_role = replica")
        assert conn.execute("UPDATE audit.log SET actor = 'nobody'").rowcount > 0
    assert invoke(url, "verify", "--seals", str(file)).returncode == 2


def test_a_token_is_issued(url: str) -> None:
    done = invoke(url, "token")
    assert (done.returncode, done.stderr) == (0, "")
    with connect(url) as conn, conn.transaction():
        conn.execute("SELECT set_config('pgerp.token', %s, true)", [done.stdout.strip()])
        assert value(conn, "SELECT identity.current_tenant()") == 1


def test_what_needs_the_books_says_so(url: str) -> None:
    for words in (["report", "trial-balance"], ["export", "--format", "beancount"]):
        done = invoke(url, *words)
        assert done.returncode == 2
        assert "the database has no ledger" in done.stderr


def test_a_database_without_pgerp_is_told_from_one_without_books(new_database: Any) -> None:
    with new_database(None) as empty:
        for command in ("token", "seal", "maintain"):
            done = invoke(empty, command)
            assert (done.returncode, "the database has no tenants" in done.stderr) == (2, True)


def test_a_module_without_one_that_it_needs_is_refused_before_anything_is_made(
    new_database: Any,
) -> None:
    with new_database(None) as empty:
        done = invoke(empty, "up", "--modules", "messaging")
        assert (done.returncode, "messaging needs party" in done.stderr) == (2, True)
        with connect(empty) as conn:
            assert value(conn, "SELECT to_regnamespace('core')") is None
        assert invoke(empty, "up", "--modules", "party,messaging").returncode == 0
