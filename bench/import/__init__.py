"""A journal of a million lines: `pgerp import` against COPY of the same rows, in one run.

COPY is what the disk and the indexes alone cost: the lines go, ready made, into a bare table with
the same columns and indexes, without foreign keys, triggers, balances, checks or partitions.
Import reads and checks the file twice, resolves accounts and periods, makes keys and headers,
proves every entry and keeps the balances. The server is durable, and each runs as a client does.
"""

from __future__ import annotations

import argparse
import random
import time
from datetime import date, timedelta
from pathlib import Path

import psycopg

from bench.support import PGERP, own_server, print_table, save, seconds
from pgerp.db import connect

_CHUNK = 1 << 20
_ASSETS = [f"Assets:Bank:{n:02}" for n in range(12)]
_OTHERS = [("Expenses:Cost", "EXPENSE", 30), ("Income:Sale", "REVENUE", 10)]


def write_journal(path: Path, lines: int) -> None:
    """Write entries of two lines over four years and 52 accounts, in the order of their dates."""
    chance = random.Random(4711)
    accounts = [(f"{code}:{n:02}", kind) for code, kind, count in _OTHERS for n in range(count)]
    start, entries = date(2022, 1, 1), lines // 2
    with path.open("w", encoding="utf-8") as file:
        file.write("entry,date,description,account,type,amount,currency\n")
        for entry in range(1, entries + 1):
            day = start + timedelta(days=(entry - 1) * 1461 // entries)
            head = f"{entry},{day},Payment of invoice {chance.randrange(10**6)}"
            other, kind = chance.choice(accounts)
            amount = f"{chance.randrange(1, 10_000)}.{chance.randrange(100):02}"
            sign = "-" if kind == "EXPENSE" else ""
            back = "" if sign else "-"
            file.write(f"{head},{chance.choice(_ASSETS)},ASSET,{sign}{amount},USD\n")
            file.write(f"{head},{other},{kind},{back}{amount},USD\n")


def copy_into_bare_table(conn: psycopg.Connection, table: str, rows: Path) -> float:
    """COPY rows that the table holds into a bare copy of it; return seconds, commit included."""
    with rows.open("wb") as file, conn.cursor().copy(f"COPY (TABLE {table}) TO STDOUT") as copy:
        for block in copy:
            file.write(block)
    conn.execute(f"CREATE TABLE public.bare (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS)")
    conn.execute("CHECKPOINT")
    started = time.perf_counter()
    with rows.open("rb") as file, conn.cursor().copy("COPY public.bare FROM STDIN") as copy:
        while block := file.read(_CHUNK):
            copy.write(block)
    taken = time.perf_counter() - started
    conn.execute("DROP TABLE public.bare")
    rows.unlink()
    return taken


def main(arguments: list[str]) -> None:
    """Run the benchmark; see `python -m bench import --help`."""
    parser = argparse.ArgumentParser(prog="bench import", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the journal")
    parser.add_argument("--batch", type=int, default=None, help="lines per transaction")
    options = parser.parse_args(arguments)
    with own_server() as server:
        url = server.url()
        program = [*PGERP, "--database-url", url]
        seconds([*program, "up"])
        seconds([*program, "seed"])
        file = server.base.parent / "journal.csv"
        write_journal(file, options.lines)
        command = [*program, "import", file, "--tenant", "T", "--business", "B", "--create"]
        if options.batch:
            command += ["--batch", str(options.batch)]
        with connect(url) as conn:
            conn.execute("CHECKPOINT")
            imported = seconds(command)
            conn.execute("CHECKPOINT")
            again = seconds(command)
            row = conn.execute("SELECT count(*) FROM ledger.journal_lines").fetchone()
            assert row == (options.lines // 2 * 2,), row
            rows = server.base.parent / "rows"
            copied = copy_into_bare_table(conn, "ledger.journal_lines", rows)
            headers = copy_into_bare_table(conn, "ledger.journal_entries", rows)
    measured = {
        "COPY of the lines into a bare table": copied,
        "COPY of the lines, then of the headers": copied + headers,
        "pgerp import": imported,
        "pgerp import again (nothing new)": again,
    }
    print_table(
        f"{options.lines:,} lines in entries of two, PostgreSQL {server.status().version}, durable",
        ("", "seconds", "lines/s", "of COPY"),
        [
            (what, f"{taken:.2f}", f"{options.lines / taken:,.0f}", f"{copied / taken:.3f}")
            for what, taken in measured.items()
        ],
    )
    save(
        "import",
        {
            "lines": options.lines,
            "seconds": {what: round(taken, 3) for what, taken in measured.items()},
            "ratio_to_copy": round(copied / imported, 4),
        },
    )
