"""An entry that a posting rule makes of an event, against the same one posted directly."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import psycopg

from bench.ledger.books import Books, open_books
from bench.ledger.load import cpu_ns
from bench.support import own_server, print_table, save
from pgerp.db import connect

_TARGET = 1.5
_LINES = json.dumps([{"account": "1001", "debit": "5.25"}, {"account": "4001", "credit": "5.25"}])

Work = Callable[[psycopg.Connection, str], None]


def main(arguments: list[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench posting", description=__doc__)
    parser.add_argument("--server", type=int, choices=(16, 18), default=18)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--entries", type=int, default=1000, help="in each turn")
    options = parser.parse_args(arguments)
    with own_server(options.server) as server:
        with connect(server.url("postgres")) as conn:
            conn.execute("CREATE DATABASE bench_posting")
        books = open_books(server.url("bench_posting"))
        open_posting(books)
        with books.client() as client:
            figures = measure(client, rounds=options.rounds, entries=options.entries)
    show(figures, rounds=options.rounds, entries=options.entries)
    save("posting", {"server": options.server, "figures": figures})


def show(figures: dict[str, dict[str, float]], *, rounds: int, entries: int) -> None:
    """Print what `measure` returned."""
    direct = figures["ledger.create_journal_entry"]
    print_table(
        f"One entry of two lines, µs, medians of {rounds} rounds of {entries}; "
        f"target of the ratios {_TARGET:.1f}",
        ["", "server CPU", "ratio", "wall", "ratio"],
        [
            [
                name,
                f"{one['cpu']:.0f}",
                f"{one['cpu'] / direct['cpu']:.2f}",
                f"{one['wall']:.0f}",
                f"{one['wall'] / direct['wall']:.2f}",
            ]
            for name, one in figures.items()
        ],
    )


def open_posting(books: Books) -> None:
    """Add two types of events with their rules, and the function of a till that emits them."""
    text = {"type": "string"}
    amount = {"type": "number", "minimum": 0, "multipleOf": 0.0001}
    sale = {"on": {"type": "string", "format": "date"}, "no": text, "amount": amount}
    posted = dict.fromkeys(("event_id", "event_type", "aggregate_type", "aggregate_id"), text)
    with connect(books.url) as conn:
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.options["pgerp.token"]])
        for code, aggregate, properties in (
            ("till.sold", "sale", sale),
            ("shop.sold", "sale", sale),
            ("ledger.shop_posted", "posting", posted | {"entry_id": {"type": ["string", "null"]}}),
        ):
            schema = {"type": "object", "properties": properties, "required": list(properties)}
            conn.execute(
                "INSERT INTO events.event_types (code, aggregate_type, description, payload_schema)"
                " VALUES (%s, %s, 'Bench', %s)",
                [code, aggregate, json.dumps(schema | {"additionalProperties": False})],
            )
        for code in ("till.sold", "shop.sold"):
            conn.execute(
                "INSERT INTO events.subscriptions (event_type, handler)"
                " VALUES (%s, 'ledger.post_event')",
                [code],
            )
        conn.execute(
            """CREATE FUNCTION ledger.bench_sell(p_type text, p_no text) RETURNS uuid
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            DECLARE
                v_tenant_id integer := identity.enter_tenant(NULL, 'ledger.post');
                v_business identity.businesses := identity.resolve_business(v_tenant_id, 'B1');
            BEGIN
                RETURN events.emit(v_tenant_id, p_type, p_no, jsonb_build_object(
                    'on', current_date, 'no', p_no, 'amount', 5.25
                ), v_business.id);
            END $$;
            ALTER FUNCTION ledger.bench_sell OWNER TO pgerp_owner;
            GRANT EXECUTE ON FUNCTION ledger.bench_sell TO pgerp_app"""
        )
    for code in ("till.sold", "shop.sold"):
        save_rule(books, code)


def save_rule(books: Books, event_type: str) -> None:
    """Have a type of event posted: its amount on two accounts, on its day."""
    with connect(books.url) as conn:
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.options["pgerp.token"]])
        conn.execute("SELECT ledger.save_posting_rule(%s)", [json.dumps(_rule(event_type))])


def _rule(event_type: str) -> dict[str, Any]:
    return {
        "event_type": event_type,
        "name": "Sale",
        "description": "Sale {no}",
        "date": "on",
        "lines": [
            {"side": "debit", "account": "1001", "amount": "amount"},
            {"side": "credit", "account": "4001", "amount": "amount"},
        ],
    }


def _direct(client: psycopg.Connection, number: str) -> None:
    client.execute(
        "SELECT ledger.create_journal_entry('B1', current_date, %s, %s, p_idempotency_key => %s,"
        " p_source_module => 'till', p_source_id => %s)",
        [f"Sale {number}", _LINES, f"key:{number}", number],
        prepare=True,
    )


def _event(event_type: str) -> Work:
    def work(client: psycopg.Connection, number: str) -> None:
        client.execute("SELECT ledger.bench_sell(%s, %s)", [event_type, number], prepare=True)

    return work


_CONTESTANTS: dict[str, Work] = {
    "ledger.create_journal_entry": _direct,
    "an event, stored and posted by its rule": _event("till.sold"),
    "and answered by an event of the ledger": _event("shop.sold"),
}


def measure(
    client: psycopg.Connection, *, rounds: int, entries: int
) -> dict[str, dict[str, float]]:
    """Return microseconds of the session's CPU, and of the clock, per entry."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in _CONTESTANTS}
    pid = client.info.backend_pid
    for turn in range(rounds + 1):
        for name, work in _CONTESTANTS.items():
            cpu, wall = cpu_ns(pid), time.perf_counter()
            for number in range(entries):
                work(client, f"{name[:3]}-{turn}-{number}")
            took = (cpu_ns(pid) - cpu) / 1000, (time.perf_counter() - wall) * 1e6
            # The first turn fills caches.
            if turn:
                spent[name].append((took[0] / entries, took[1] / entries))
        print(f"round {turn} of {len(spent)} ways", file=sys.stderr)
    return {
        name: {
            "cpu": median(cpu for cpu, _ in times),
            "wall": median(wall for _, wall in times),
        }
        for name, times in spent.items()
    }
