"""pgerp maintain: partitions ahead on a migrated database, and nothing for verify to complain."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pgerp.db import connect
from tests.ledger.books import open_books
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
        f"extra table ledger.{table}_{year}"
        for table in ("journal_entries", "journal_lines")
        for year in (2029, 2030)
    ]
