"""What the audit log costs: an update of one row with its trigger and without, in turns."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from statistics import median

import psycopg

from bench.ledger.books import Books, open_books, value
from bench.ledger.load import cpu_ns
from bench.support import own_server, print_table, save
from pgerp.db import connect

_TABLES = ("ledger.accounts", "identity.businesses")
_TARGET = 1.40

Work = Callable[[int], None]


def main(arguments: list[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench audit", description=__doc__)
    parser.add_argument("--server", type=int, choices=(16, 18), default=18)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=2000, help="in each turn")
    options = parser.parse_args(arguments)
    figures: dict[str, dict[str, float]] = {}
    with own_server(options.server) as server:
        with connect(server.url("postgres")) as conn:
            conn.execute("CREATE DATABASE bench_audit")
        books = open_books(server.url("bench_audit"))
        with books.client() as client, _operator(books) as operator, connect(books.url) as admin:
            for name, conn, work in _contestants(books, client, operator):
                figures[name] = _measure(
                    admin, conn, work, rounds=options.rounds, updates=options.updates
                )
                print(f"{name}: {figures[name]}", file=sys.stderr)
    print_table(
        f"One update of one row, server CPU in µs, medians of {options.rounds} rounds of "
        f"{options.updates}; target of the ratio {_TARGET:.2f}",
        ["", "without", "with the log", "ratio"],
        [
            [name, f"{one['without']:.0f}", f"{one['with']:.0f}", f"{one['ratio']:.2f}"]
            for name, one in figures.items()
        ],
    )
    save("audit", {"server": options.server, "figures": figures})


def _operator(books: Books) -> psycopg.Connection:
    """Connect as one who works as the owner, in the tenant."""
    conn = connect(books.url)
    conn.execute("SET ROLE pgerp_owner")
    conn.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(books.tenant_id)])
    return conn


def _contestants(
    books: Books, client: psycopg.Connection, operator: psycopg.Connection
) -> list[tuple[str, psycopg.Connection, Work]]:
    """Return what is measured: its name, its session, and what does it once."""

    def function(number: int) -> None:
        # Each account in turn, first all of one kind, then all of the other: each call changes one.
        name = "deactivate_account" if number // 100 % 2 == 0 else "activate_account"
        query = f"SELECT ledger.{name}(%s)"
        client.execute(query.encode(), [str(1001 + number % 100)], prepare=True)

    def account(number: int) -> None:
        operator.execute(
            "UPDATE ledger.accounts SET name = %s WHERE tenant_id = %s AND code = %s",
            [f"Account {number}", books.tenant_id, str(1001 + number % 100)],
            prepare=True,
        )

    def business(number: int) -> None:
        operator.execute(
            "UPDATE identity.businesses SET name = %s WHERE tenant_id = %s AND id = %s",
            [f"Business {number}", books.tenant_id, books.business_id],
            prepare=True,
        )

    return [
        ("a function of the API, by a client", client, function),
        ("UPDATE of ledger.accounts, by the owner", operator, account),
        ("UPDATE of identity.businesses, by the owner", operator, business),
    ]


def _measure(
    admin: psycopg.Connection, conn: psycopg.Connection, work: Work, *, rounds: int, updates: int
) -> dict[str, float]:
    """Return microseconds of the session's CPU per update, without and with the trigger."""
    spent: dict[str, list[float]] = {"without": [], "with": []}
    pid = int(value(conn, "SELECT pg_backend_pid()"))
    # A multiple of what takes each account there and back, so that every turn finds the same.
    updates -= updates % 200
    for _ in range(rounds):
        for name, times in spent.items():
            for table in _TABLES:
                state = "DISABLE" if name == "without" else "ENABLE"
                admin.execute(f"ALTER TABLE {table} {state} TRIGGER audit_change".encode())
                admin.execute(f"VACUUM ANALYZE {table}".encode())
            for number in range(200):
                work(number)
            before = cpu_ns(pid)
            for number in range(updates):
                work(number)
            times.append((cpu_ns(pid) - before) / 1000 / updates)
    medians = {name: median(times) for name, times in spent.items()}
    return {**medians, "ratio": medians["with"] / medians["without"]}
