"""What the daily jobs of lending cost: a portfolio of loans through years of days."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import psycopg

from bench.ledger.books import open_books, value
from bench.ledger.load import cpu_ns
from bench.lending.portfolio import PAY, fill, open_lending
from bench.support import own_server, print_table, save
from pgerp.db import connect

_DATABASE = "bench_lending"
_QUARTERS = 12

JOBS = {
    "a day counted": "CALL lending.accrue_interest('B1', %s)",
    "the rest of its arrears": "CALL lending.age_arrears('B1', %s)",
    "provisions": "CALL lending.provision_loans('B1', %s)",
    "default": "CALL lending.mark_defaulted_loans(90, 'B1', %s)",
    "reminders": "CALL lending.send_overdue_loan_notifications('B1', %s)",
}
"""Each job, as it is called once a day; the first counts the day, the others find it counted."""

_DIFFERENT = """
SELECT count(*)
FROM (
    SELECT l, b FROM lending.loans AS l INNER JOIN lending.loan_balances AS b ON b.loan_id = l.id
    ORDER BY l.id LIMIT 40
) AS s
CROSS JOIN LATERAL (SELECT (lending.replay((s.l), (s.b).processed_through)).balances AS b) AS r
WHERE (
    (r.b).principal, (r.b).interest, (r.b).fees, (r.b).penalties, (r.b).penalty_days,
    (r.b).overdue, (r.b).days_past_due
) IS DISTINCT FROM (
    (s.b).principal, (s.b).interest, (s.b).fees, (s.b).penalties, (s.b).penalty_days,
    (s.b).overdue, (s.b).days_past_due
)
"""


def main(arguments: list[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench lending", description=__doc__)
    parser.add_argument("--server", type=int, choices=(16, 18), default=18)
    parser.add_argument("--loans", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=3 * 365, help="that end yesterday")
    parser.add_argument("--quick", action="store_true", help="56 loans, 60 days")
    options = parser.parse_args(arguments)
    if options.quick:
        options.loans, options.days = 56, 60
    first = date.today() - timedelta(days=options.days + 1)
    with own_server(options.server) as server:
        with connect(server.url("postgres")) as conn:
            conn.execute(f"CREATE DATABASE {_DATABASE}".encode())
        books = open_books(server.url(_DATABASE))
        with connect(books.url) as admin, books.client() as client:
            version = value(admin, "SHOW server_version")
            open_lending(admin, books, first)
            fill(admin, options.loans, first)
            quarters = _run(admin, client, first, options.days)
            different = value(admin, _DIFFERENT)
            rows = {
                name: value(admin, f"SELECT count(*) FROM lending.{name}")
                for name in ("loans", "movements", "transactions")
            }
    _show(quarters, options, version)
    print(f"{rows}; loans that a replay has otherwise, of 40: {different}")
    save(
        "lending",
        {"server": version, "loans": options.loans, "days": options.days, "quarters": quarters}
        | {"rows": rows, "different": different},
    )


def _run(
    admin: psycopg.Connection, client: psycopg.Connection, first: date, days: int
) -> list[dict[str, dict[str, float]]]:
    """Run every job on every day; return calls, loans, wall and CPU seconds by quarter and job."""
    pid = client.info.backend_pid
    quarters: list[dict[str, dict[str, float]]] = []
    open_loans = "SELECT count(*) FROM lending.loans WHERE disbursed_on < %s AND closed_on IS NULL"
    admin.execute("SET session_replication_role = replica")
    for number in range(days):
        if number * _QUARTERS // days >= len(quarters):
            quarters.append({job: defaultdict(float) for job in JOBS})
        day = first + timedelta(days=number + 1)
        loans = value(admin, open_loans, [day])
        for job, call in JOBS.items():
            one = quarters[-1][job]
            started, spent = time.perf_counter(), cpu_ns(pid)
            client.execute(call.encode(), [day])
            one["wall"] += time.perf_counter() - started
            one["cpu"] += (cpu_ns(pid) - spent) / 1e9
            one["loans"] += loans
            one["days"] += 1
        admin.execute(PAY.encode(), {"day": day})
    admin.execute("RESET session_replication_role")
    return quarters


def _show(quarters: list[Any], options: argparse.Namespace, version: str) -> None:
    """Print loans per second, by job and quarter of the run."""
    for unit, title in (("wall", "wall clock"), ("cpu", "CPU of the server")):
        print_table(
            f"Loans per second of {title}: {options.loans:,} loans, {options.days:,} days,"
            f" {version}",
            ["quarter", *JOBS],
            [
                [
                    str(number),
                    *(f"{one['loans'] / max(one[unit], 1e-9):,.0f}" for one in quarter.values()),
                ]
                for number, quarter in enumerate(quarters, start=1)
            ],
        )
