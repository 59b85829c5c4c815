"""`pgerp import` that is killed, doubled, or overtaken by somebody else's change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pgerp.db import connect
from pgerp.errors import PgerpError
from tests.runner.journals import RENT, ROOT, SALE, ask, counts, load, pairs, run, write


def test_an_import_killed_half_way_is_completed_by_the_same_command(clone, tmp_path):
    total = 6000
    file = write(tmp_path / "j.csv", pairs(total))
    words = [sys.executable, str(ROOT / "migrate.py"), "--database-url", clone, "import"]
    words += [str(file), "--tenant", "T", "--business", "B", "--create", "--batch", "100"]
    count = "SELECT count(*) FROM ledger.journal_entries"
    with connect(clone) as conn, subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while conn.execute(count).fetchone() == (0,):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        # The server finishes or drops the statement it was at.
        while conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    [(part,)] = ask(clone, count)
    assert 0 < part < total and part % 50 == 0
    result = load(clone, file)
    assert (result.new, result.existing) == (total - part, part)
    assert ask(clone, "SELECT count(DISTINCT reference) FROM ledger.journal_entries") == [(total,)]
    assert ask(clone, "SELECT sum(debit) - sum(credit) FROM ledger.account_balances") == [(0,)]


def test_two_imports_of_one_file_at_once_import_it_once(clone, tmp_path):
    load(clone, write(tmp_path / "a.csv", SALE))
    file = write(tmp_path / "j.csv", pairs(400))
    load(clone, write(tmp_path / "chart.csv", pairs(80)))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: load(clone, file, batch=40), range(2)))
    assert sum(result.new for result in both) == 400
    assert [result.problem_count for result in both] == [0, 0]
    assert counts(clone)[3] == 1 + 80 + 400


def test_a_file_written_to_between_the_passes_is_refused(clone, tmp_path):
    file = write(tmp_path / "j.csv", SALE)

    def meddle(what: str, done: int, total: int) -> None:
        if what == "checking" and done == total:
            with file.open("a") as more:
                more.write("9,2026-03-05,late,Nowhere,ASSET,1,USD\n")

    with pytest.raises(PgerpError):
        load(clone, file, progress=meddle)
    assert counts(clone) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(("batch", "kept"), [(1, ["2"]), (100, [])], ids=["one", "many"])
def test_an_entry_that_the_books_refuse_after_the_check_is_named_and_ends_the_import(
    clone, tmp_path, batch, kept
):
    load(clone, write(tmp_path / "a.csv", [*SALE, *RENT]))
    refused = [line.replace("1,", "5,", 1) for line in SALE]
    later = [line.replace("2,", f"{n},", 1) for n in range(6, 10) for line in RENT]
    file = write(tmp_path / "b.csv", [*RENT, *refused, *later])

    def close(what: str, done: int, total: int) -> None:
        if what == "checking" and done == total:
            ask(clone, "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")

    stopped = load(clone, file, batch=batch, progress=close)
    assert [(p.line, p.number) for p in stopped.problems] == [(4, "5")]
    assert (stopped.new, stopped.left_out) == (len(kept), 1)
    query = "SELECT idempotency_key FROM ledger.idempotency_keys WHERE idempotency_key ~ ':b:'"
    assert ask(clone, query) == [(f"import:b:{number}",) for number in kept]
    assert run(clone, "import", file, "--tenant", "T", "--business", "B").exit_code == 2
