"""Emitting one event, against inserting the same row into a twin of the store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

import psycopg

from bench.ledger.books import Books
from bench.ledger.load import cpu_ns
from pgerp.db import connect

BARE = "a row into a twin of the store"
PROPERTIES = {
    "on": {"type": "string", "format": "date"},
    "no": {"type": "string"},
    "amount": {"type": "number", "minimum": 0, "multipleOf": 0.0001},
}
SCHEMA = {
    "type": "object",
    "properties": PROPERTIES,
    "required": list(PROPERTIES),
    "additionalProperties": False,
}
_PAYLOAD = "jsonb_build_object('on', current_date, 'no', %s::text, 'amount', 5.25)"
_TWIN = f"""
INSERT INTO public.event_twin (
    tenant_id, id, business_id, source_service, event_type, aggregate_type, aggregate_id,
    aggregate_version, payload, occurred_at, actor, correlation_id
)
VALUES (
    %s, core.uuid_v7(), %s, 'pgerp', 'till.sold', 'sale', %s, 1, {_PAYLOAD}, clock_timestamp(),
    'bench', 'bench'
)"""

Work = Callable[[str], None]


def add_type(conn: psycopg.Connection, code: str, handler: str | None = None) -> None:
    """Add a type of event of a sale, and the handler that acts upon it."""
    conn.execute(
        "INSERT INTO events.event_types (code, aggregate_type, description, payload_schema)"
        " VALUES (%s, %s, 'Bench', %s)",
        [code, code.replace(".", "_"), json.dumps(SCHEMA)],
    )
    if handler:
        conn.execute("INSERT INTO events.subscriptions VALUES (%s, %s)", [code, handler])


def owner(url: str, tenant_id: int) -> psycopg.Connection:
    """Connect as functions of modules work: as the owner, in the tenant."""
    conn = connect(url)
    conn.execute("SET ROLE pgerp_owner")
    conn.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(tenant_id)])
    return conn


def measure(books: Books, *, rounds: int, events: int) -> dict[str, dict[str, float]]:
    """Return microseconds of the session's CPU, and of the clock, per event and its commit."""
    with connect(books.url) as conn:
        conn.execute(
            "CREATE TABLE public.event_twin (LIKE events.event_store INCLUDING INDEXES"
            " INCLUDING IDENTITY);"
            "CREATE FUNCTION ledger.bench_ignore(events.event_store) RETURNS jsonb"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            "GRANT ALL ON public.event_twin TO pgerp_owner;"
            "GRANT EXECUTE ON FUNCTION ledger.bench_ignore TO pgerp_owner"
        )
        add_type(conn, "till.told")
        add_type(conn, "till.handled", "ledger.bench_ignore")
    spent: dict[str, list[tuple[float, float]]] = {}
    with owner(books.url, books.tenant_id) as conn:

        def twin(number: str) -> None:
            conn.execute(_TWIN, [books.tenant_id, books.business_id, number, number], prepare=True)

        def emit(event_type: str) -> Work:
            query = f"SELECT events.emit(%s, '{event_type}', %s, {_PAYLOAD}, %s)"

            def work(number: str) -> None:
                conn.execute(
                    query.encode(),
                    [books.tenant_id, number, number, books.business_id],
                    prepare=True,
                )

            return work

        contestants: dict[str, Work] = {
            BARE: twin,
            "events.emit": emit("till.told"),
            "events.emit, and a handler that does nothing": emit("till.handled"),
        }
        pid = conn.info.backend_pid
        for turn in range(rounds + 1):
            for name, work in contestants.items():
                cpu, wall = cpu_ns(pid), time.perf_counter()
                for number in range(events):
                    work(f"{turn}-{number}")
                took = (cpu_ns(pid) - cpu) / 1000, (time.perf_counter() - wall) * 1e6
                # The first turn fills caches.
                if turn:
                    spent.setdefault(name, []).append((took[0] / events, took[1] / events))
    return {
        name: {"cpu": median(cpu for cpu, _ in times), "wall": median(wall for _, wall in times)}
        for name, times in spent.items()
    }
