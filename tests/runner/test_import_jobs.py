"""`pgerp import --jobs`: several transactions at a time put the same into the books as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from pgerp.db import connect
from tests.runner.journals import RENT, ROOT, SALE, ask, load, pairs, run, write

BOOKED = """
SELECT e.reference::text, e.entry_date::text, e.description::text,
    string_agg(a.code || ' ' || l.amount, ', ' ORDER BY l.line_no)
FROM ledger.journal_entries AS e
JOIN ledger.journal_lines AS l ON (l.tenant_id, l.entry_id) = (e.tenant_id, e.id)
JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (l.tenant_id, l.account_id)
GROUP BY e.tenant_id, e.id
ORDER BY e.reference::integer
"""
BALANCES = """
SELECT a.code::text, p.code::text, sum(b.debit), sum(b.credit)
FROM ledger.account_balances AS b
JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (b.tenant_id, b.account_id)
JOIN ledger.fiscal_periods AS p ON (p.tenant_id, p.id) = (b.tenant_id, b.period_id)
GROUP BY 1, 2 ORDER BY 1, 2
"""
SUMS = """
SELECT a.code::text, p.code::text,
    sum(greatest(l.amount, 0)), sum(greatest(-l.amount, 0))
FROM ledger.journal_lines AS l
JOIN ledger.journal_entries AS e ON (e.tenant_id, e.id) = (l.tenant_id, l.entry_id)
JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (l.tenant_id, l.account_id)
JOIN ledger.fiscal_periods AS p ON (p.tenant_id, p.id) = (e.tenant_id, e.period_id)
GROUP BY 1, 2 ORDER BY 1, 2
"""


def booked(count: int) -> list[tuple[str, ...]]:
    """Return what the books hold after `pairs(count)`, read from the file."""
    rows = [line.split(",") for line in pairs(count)]
    return [
        (
            first[0],
            first[1],
            first[2],
            ", ".join(f"{row[3]} {float(row[5]):.4f}" for row in (first, second)),
        )
        for first, second in zip(rows[::2], rows[1::2], strict=True)
    ]


class Counting:
    """Opens connections and remembers them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opened: list[psycopg.Connection] = []

    def __call__(self) -> psycopg.Connection:
        self.opened.append(connect(self.url))
        return self.opened[-1]


@pytest.mark.parametrize("mode", [False, True], ids=["atomic", "skip_bad"])
def test_several_jobs_put_every_entry_into_the_books_once(clone, tmp_path, mode):
    opened = Counting(clone)
    result = load(
        clone, write(tmp_path / "j.csv", pairs(1500)), batch=100, jobs=3, connect=opened,
        skip_bad=mode,
    )  # fmt: skip
    assert (result.new, result.existing, result.problem_count) == (1500, 0, 0)
    assert ask(clone, BOOKED) == booked(1500)
    assert ask(clone, BALANCES) == ask(clone, SUMS)
    assert [conn.closed for conn in opened.opened] == [True, True]


def test_as_many_batches_as_jobs_are_under_way_at_a_time(clone, tmp_path):
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    seen: list[int] = []
    with connect(clone) as holder, connect(clone) as watcher, ThreadPoolExecutor(1) as pool:

        def watch() -> None:
            deadline = time.monotonic() + 30
            while not seen or (seen[-1] < 3 and time.monotonic() < deadline):
                [(count,)] = watcher.execute(waiting).fetchall()
                seen.append(count)
                time.sleep(0.02)
            holder.execute("ROLLBACK")

        def hold(what: str, done: int, total: int) -> None:
            if what == "importing" and not seen:
                holder.execute("BEGIN")
                holder.execute("LOCK TABLE ledger.idempotency_keys IN SHARE MODE")
                seen.append(0)
                pool.submit(watch)

        file = write(tmp_path / "j.csv", pairs(500))
        result = load(clone, file, batch=100, jobs=3, progress=hold)
    assert (result.new, seen[-1]) == (500, 3)


def test_batches_are_interleaved_with_their_neighbours_only(clone, tmp_path):
    load(clone, write(tmp_path / "j.csv", pairs(3000)), batch=100, jobs=3)
    moved = """SELECT max(abs(n.place - n.reference)) FROM (
        SELECT e.reference::integer, row_number() OVER (ORDER BY e.entry_number) AS place
        FROM ledger.journal_entries AS e) AS n"""
    [(farthest,)] = ask(clone, moved)
    assert farthest <= 50 * 3 * 2
    within = """SELECT count(*) FROM (
        SELECT e.entry_number, lag(e.entry_number) OVER w AS before, e.id, lag(e.id) OVER w AS one
        FROM ledger.journal_entries AS e
        WINDOW w AS (PARTITION BY xmin::text ORDER BY e.reference::integer)) AS n
        WHERE n.entry_number < n.before OR n.id < n.one"""
    assert ask(clone, within) == [(0,)]


@pytest.mark.parametrize(
    "rule", ["minimum_balance = -99999999", "credit_limit = 99999999", "keeps_version = true"]
)
def test_where_an_account_has_a_limit_the_order_of_the_file_holds(clone, tmp_path, rule):
    load(clone, write(tmp_path / "chart.csv", pairs(70)))
    ask(clone, f"UPDATE ledger.accounts SET {rule} WHERE code = 'Assets:Bank 3'")
    opened = Counting(clone)
    file = write(tmp_path / "j.csv", pairs(600))
    result = load(clone, file, batch=100, jobs=3, connect=opened)
    assert (result.new, result.problem_count, opened.opened) == (600, 0, [])
    order = """SELECT count(*) FROM (
        SELECT e.entry_number, lag(e.entry_number) OVER (ORDER BY e.reference::integer) AS before
        FROM ledger.journal_entries AS e
        JOIN ledger.idempotency_keys AS k ON (k.tenant_id, k.entry_id) = (e.tenant_id, e.id)
        WHERE k.idempotency_key LIKE 'import:j:%') AS n
        WHERE n.entry_number < n.before"""
    assert ask(clone, order.replace("%", "%%")) == [(0,)]


def test_what_must_be_paid_in_before_it_is_drawn_is_paid_in_before(clone, tmp_path):
    """An account that may not be overdrawn: each batch draws what the one before it paid in."""
    load(clone, write(tmp_path / "chart.csv", [*SALE, *RENT]))
    ask(clone, "UPDATE ledger.accounts SET minimum_balance = 0 WHERE code = 'Assets:Cash'")
    lines = []
    for number in range(10, 410):
        sale = (number // 50) % 2 == 0
        side = ("", "-") if sale else ("-", "")
        other = "Income:Sales,REVENUE" if sale else "Expenses:Rent,EXPENSE"
        head = f"{number},2026-03-05,x"
        lines += [
            f"{head},Assets:Cash,ASSET,{side[0]}69.5,USD",
            f"{head},{other},{side[1]}69.5,USD",
        ]
    result = load(clone, write(tmp_path / "j.csv", lines), batch=100, jobs=4)
    assert (result.new, result.problem_count) == (400, 0)


def test_a_small_file_needs_no_more_connections(clone, tmp_path):
    opened = Counting(clone)
    load(clone, write(tmp_path / "j.csv", pairs(20)), batch=100, jobs=4, connect=opened)
    assert opened.opened == []


def test_several_jobs_that_were_killed_are_completed_by_the_same_command(clone, tmp_path):
    total = 6000
    file = write(tmp_path / "j.csv", pairs(total))
    words = [sys.executable, str(ROOT / "migrate.py"), "--database-url", clone, "import"]
    words += [str(file), "--tenant", "T", "--business", "B", "--create"]
    words += ["--batch", "100", "--jobs", "4"]
    count = "SELECT count(*) FROM ledger.journal_entries"
    with connect(clone) as conn, subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while conn.execute(count).fetchone()[0] < 300:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        while conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    [(part,)] = ask(clone, count)
    assert 300 <= part < total and part % 50 == 0
    result = load(clone, file, jobs=3)
    assert (result.new, result.existing) == (total - part, part)
    assert ask(clone, BOOKED) == booked(total)
    assert ask(clone, BALANCES) == ask(clone, SUMS)


def test_a_batch_that_is_refused_ends_the_other_jobs_too(clone, tmp_path):
    load(clone, write(tmp_path / "a.csv", [*SALE, *RENT]))

    def rents(first: int, count: int) -> list[str]:
        return [
            line.replace("2,", f"{n},", 1) for n in range(first, first + count) for line in RENT
        ]

    sale = [line.replace("1,", "5000,", 1) for line in SALE]
    file = write(tmp_path / "b.csv", [*rents(10, 200), *sale, *rents(300, 2000)])

    def close(what: str, done: int, total: int) -> None:
        if what == "checking" and done == total:
            ask(clone, "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")

    stopped = load(clone, file, batch=40, jobs=3, progress=close)
    assert [(p.line, p.number) for p in stopped.problems] == [(402, "5000")]
    # Of 20 entries each: the ten batches before it, and at most those under way or next in turn.
    assert 200 - 20 * 2 <= stopped.new <= 200 + 20 * 4
    assert ask(clone, "SELECT count(*) FROM ledger.journal_entries") == [(2 + stopped.new,)]
    with connect(clone) as conn, conn.transaction():
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1), true)")
        conn.execute("SELECT ledger.reopen_period('B', '2026-03', 'the import')")
    completed = load(clone, file, batch=40, jobs=3)
    assert (completed.new, completed.existing) == (2201 - stopped.new, stopped.new)
    assert ask(clone, BALANCES) == ask(clone, SUMS)


def test_the_command_takes_jobs(clone, tmp_path):
    file = write(tmp_path / "j.csv", pairs(300))
    words = ["--tenant", "T", "--business", "B", "--create", "--batch", "50", "--jobs", "2"]
    assert run(clone, "import", file, *words).exit_code == 0
    assert ask(clone, "SELECT count(*) FROM ledger.journal_entries") == [(300,)]
    assert run(clone, "import", file, *words[:-1], "0").exit_code == 2
