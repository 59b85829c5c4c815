"""Balances and statements over seven years, as the journal grows: medians of warm calls.

The client holds a token and is under row security; every call is for all three businesses at once
(the account's page too), which is the most there is to read.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

import psycopg

from bench.ledger.books import drop_client, value
from bench.ledger.journal import (
    YEARS,
    fill,
    fill_balances,
    fold_balances,
    offenders,
    open_journal,
)
from bench.ledger.load import cpu_ns
from bench.ledger.options import Options
from bench.ledger.plans import reads
from bench.ledger.servers import Server, own_database
from bench.ledger.targets import Target
from bench.support import print_table
from pgerp.db import connect

CHECKED_UP_TO = 300_000
_CALLS = 40
_PAGE = 50
_LAST_PAGES = """
SELECT l.entry_id, l.line_no FROM ledger.journal_lines AS l
INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
WHERE a.code = %s AND l.tenant_id = %s
ORDER BY l.entry_date, l.entry_id, l.line_no
OFFSET %s LIMIT 1
"""


@dataclass(frozen=True)
class Call:
    """What is called.

    Attributes:
        name: As the table shows it.
        query: The statement, which returns few rows to the client.
        limit_ms: The target.
        facts: More parameters.
    """

    name: str
    query: bytes
    limit_ms: float
    facts: dict[str, Any]


def measure(server: Server, options: Options) -> tuple[dict[str, Any], list[Target]]:
    """Run the part; return its figures by size and how the targets were met at the largest."""
    figures: dict[str, Any] = {}
    targets: list[Target] = []
    with drop_client(server.url), own_database(server, "pgerp_bench_read") as url:
        books, businesses = open_journal(url)
        have = 0
        for size in options.sizes:
            started = time.monotonic()
            fill(books, businesses, have, size)
            fill_balances(books, options.stripes)
            balances = fold_balances(books)
            have = size
            print(f"{size:,} lines: made in {time.monotonic() - started:.0f} s", file=sys.stderr)
            with connect(url) as conn:
                assert value(conn, "SELECT count(*) FROM ledger.journal_lines") == size
                if size <= CHECKED_UP_TO and (found := list(offenders(conn))):
                    raise AssertionError(f"the books made for reading break {', '.join(found)}")
                disk = value(
                    conn,
                    "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c "
                    "WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'",
                )
                calls = _calls(conn, books.tenant_id, size)
            with books.client() as conn:
                measured = {call.name: _time(server, conn, call) for call in calls}
            _report(server, size, calls, measured)
            figures[str(size)] = {
                "calls": measured,
                "balance_rows": balances,
                "disk_bytes_per_line": round(float(disk) / size),
            }
            targets = [
                Target(f"{call.name}, ms", measured[call.name]["ms"], at_most=call.limit_ms)
                for call in calls
            ]
    return figures, targets


def _calls(conn: psycopg.Connection, tenant_id: int, lines: int) -> list[Call]:
    """Return what is called; pages are named by the line before them."""
    found = [
        Call(
            "balance of the busiest account on a day",
            b"SELECT ledger.account_balance(NULL, '1001', %(day)s)",
            5,
            {},
        ),
        Call(
            "balance of a quiet account on a day",
            b"SELECT ledger.account_balance(NULL, '1190', %(day)s)",
            5,
            {},
        ),
        Call(
            "trial balance on a day",
            b"SELECT count(*), sum(t.balance) FROM ledger.trial_balance(NULL, %(day)s) AS t",
            50,
            {},
        ),
        Call(
            "income statement of the year to a day",
            b"SELECT count(*), sum(t.balance) FROM ledger.income_statement("
            b"NULL, date_trunc('year', %(day)s::date)::date, %(day)s) AS t",
            100,
            {},
        ),
        Call(
            "balance sheet on a day",
            b"SELECT count(*), sum(t.balance) FROM ledger.balance_sheet(NULL, %(day)s) AS t",
            100,
            {},
        ),
    ]
    count = value(
        conn,
        "SELECT count(*) FROM ledger.journal_lines AS l "
        "INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id "
        "WHERE a.code = '1001' AND l.tenant_id = %s",
        [tenant_id],
    )
    for name, after in (("first", None), ("middle", count // 2), ("last", count - _PAGE - 1)):
        row = None
        if after is not None:
            row = conn.execute(_LAST_PAGES.encode(), ["1001", tenant_id, max(after, 0)]).fetchone()
        found.append(
            Call(
                f"general ledger of the busiest account, {name} page",
                b"SELECT count(*), max(g.balance) FROM ledger.general_ledger(NULL, '1001', "
                b"p_after_entry_id => %(entry)s, p_after_line_no => %(line)s, "
                b"p_limit => " + str(_PAGE).encode() + b") AS g",
                20,
                {"entry": row[0] if row else None, "line": row[1] if row else None},
            )
        )
    return found


def _time(server: Server, conn: psycopg.Connection, call: Call) -> dict[str, Any]:
    """Make a call for as many days, twice; return the median of the second time, and its plan."""
    chance, pid = random.Random(4711), conn.info.backend_pid if server.data else 0
    start = date.today().replace(year=date.today().year - YEARS + 1, month=1, day=1)
    length = (date.today() - start).days
    days = [start + timedelta(days=chance.randrange(length)) for _ in range(_CALLS)]
    taken: list[float] = []
    cpu: list[float] = []
    for _ in range(2):
        taken.clear()
        cpu.clear()
        for day in days:
            spent, began = cpu_ns(pid), time.perf_counter()
            conn.execute(call.query, {"day": day, **call.facts}, prepare=True).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
            cpu.append((cpu_ns(pid) - spent) / 1e6)
    found = reads(conn, call.query, {"day": days[0], **call.facts})
    return {
        "ms": round(median(taken), 3),
        "cpu_ms": round(median(cpu), 3) if pid else None,
        "fastest_ms": round(min(taken), 3),
        "slowest_ms": round(max(taken), 3),
        "reads": found.text(),
    }


def _report(
    server: Server, lines: int, calls: list[Call], measured: dict[str, dict[str, Any]]
) -> None:
    print_table(
        f"{lines:,} lines over {YEARS} years; server {server.kind}, {_CALLS} warm calls each",
        ["", "median ms", "range", "CPU ms", "target"],
        [
            [
                call.name,
                f"{one['ms']:.2f}",
                f"{one['fastest_ms']:.1f} – {one['slowest_ms']:.1f}",
                "?" if one["cpu_ms"] is None else f"{one['cpu_ms']:.2f}",
                f"< {call.limit_ms:g}",
            ]
            for call in calls
            for one in [measured[call.name]]
        ],
    )
    for call in calls:
        print(f"{call.name} reads {measured[call.name]['reads']}")
