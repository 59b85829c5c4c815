"""pgerp maintain: partitions ahead on a migrated database, and nothing for verify to complain."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pgerp.db import connect
from tests.ledger.books import open_books, post
from tests.ledger.old_books import open_old_books, seal
from tests.ledger.test_partitions import stray

MIGRATE = Path(__file__).resolve().parents[2] / "migrate.py"


def invoke(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run pgerp on a database."""
    return subprocess.run(
        [sys.executable, str(MIGRATE), "--database-url", url, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_partitions_are_made_once_and_are_no_drift(clone: str) -> None:
    with connect(clone) as conn:
        books = open_books(conn)
        with conn.transaction():
            stray(conn, books, 2029)
    first = invoke(clone, "maintain", "--years-ahead", "4")
    assert (first.returncode, first.stderr) == (0, "")
    assert "partition of 2029: made, 1 entries moved into it" in first.stdout
    assert "partition of 2030: made, 0 entries moved into it" in first.stdout
    again = invoke(clone, "maintain", "--years-ahead", "4")
    assert "partitions: all there" in again.stdout
    verified = invoke(clone, "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["drift"]["partitions"] == [
        f"extra table {table}_{year}"
        for table in (
            "audit.log",
            "events.event_store",
            "ledger.journal_entries",
            "ledger.journal_lines",
            "lending.movements",
            "lending.transactions",
        )
        for year in (2029, 2030)
    ]


def test_balances_of_periods_that_are_over_are_merged(clone: str) -> None:
    with connect(clone) as conn:
        open_books(conn)
        conn.execute("SELECT ledger.create_fiscal_year('MAIN', '2019-01-01')")
        for stripe in (10, 11):
            for month in range(1, 13):
                post(conn, ("1110", "1"), ("4100", "-1"), date=f"2019-{month:02}-04")
                post(conn, ("1110", "1"), ("4100", "-1"), date=f"2019-{month:02}-04")
            conn.execute(
                "UPDATE ledger.account_balances SET stripe = %s WHERE stripe < 10", [stripe]
            )
    done = invoke(clone, "maintain")
    assert (done.returncode, done.stderr) == (0, "")
    assert "balances of Books: 24 rows merged" in done.stdout
    assert "merged" not in invoke(clone, "maintain").stdout


def test_years_are_archived_shown_before_and_restored(clone: str) -> None:
    with connect(clone) as conn:
        books = open_old_books(conn)
        before = ["archive", "--before", "2018-01-01"]
        refused = invoke(clone, *before)
        assert refused.returncode == 2
        assert "(SQLSTATE ZL082)" in refused.stderr
        shown = invoke(clone, *before, "--dry-run")
        assert shown.returncode == 2
        assert "2017 Second: 1 entries, entries not sealed: 1 (ZL082)" in shown.stdout
        seal(conn, books)
    shown = invoke(clone, *before, "--dry-run")
    assert (shown.returncode, shown.stdout.splitlines()) == (
        0,
        [
            "2016 First: 10 entries, can be archived",
            "2017 First: 17 entries, can be archived",
            "2017 Second: 1 entries, can be archived",
        ],
    )
    done = invoke(clone, *before)
    assert done.stdout == "2016: 10 entries archived\n2017: 18 entries archived\n", done.stderr
    assert invoke(clone, *before).stdout == "nothing to archive\n"
    verified = invoke(clone, "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert "extra table ledger_archive.journal_lines_2017" in verified.stdout
    assert json.loads(verified.stdout)["seals"]["state"] == "ok"
    assert invoke(clone, "archive", "--restore", "2017").stdout == "2017: back in the journal\n"
    again = invoke(clone, "archive", "--restore", "2017")
    assert (again.returncode, "(SQLSTATE ZL085)" in again.stderr) == (2, True)
    assert invoke(clone, "verify").returncode == 0
    assert invoke(clone, "archive").returncode == 2
