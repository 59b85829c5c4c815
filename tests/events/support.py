"""A contract with two types of events, and handlers that note what they see."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import psycopg

from tests.ledger.books import Books, open_books
from tests.pgtap import value

SCHEMA = {
    "type": "object",
    "required": ["total", "net", "tax"],
    "additionalProperties": False,
    "properties": {
        "total": {"type": "number", "minimum": 0, "multipleOf": 0.01},
        "net": {"type": "number", "minimum": 0},
        "tax": {"type": "number", "minimum": 0},
        "note": {"type": "string", "maxLength": 10},
    },
}
REJECTED = {"type": "object", "required": ["event_id", "handler", "sqlstate", "reason"]}
PAYLOAD = {"total": 10.5, "net": 8, "tax": 2.5}

# The handler notes the events that it acts upon; a note "bad" is what it cannot do.
HANDLERS = """
CREATE SCHEMA shop AUTHORIZATION pgerp_owner;
SET LOCAL ROLE pgerp_owner;
CREATE TABLE shop.seen (
    tenant_id integer, handler text, aggregate_id text, version bigint, actor text,
    correlation_id text, place bigint GENERATED ALWAYS AS IDENTITY
);
CREATE FUNCTION shop.note(p_event events.event_store) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.seen (tenant_id, handler, aggregate_id, version, actor, correlation_id)
    VALUES (p_event.tenant_id, 'note', p_event.aggregate_id, p_event.aggregate_version,
        core.current_actor(), p_event.correlation_id);
    IF p_event.payload ->> 'note' = 'bad' THEN
        RAISE EXCEPTION 'a bad note' USING ERRCODE = '22023';
    END IF;
    RETURN '{"noted": true}';
END $$;
RESET ROLE;
"""


def open_shop(conn: psycopg.Connection) -> Books:
    """Open books, and add the contract of the shop with a handler that notes what it sees."""
    books = open_books(conn)
    conn.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(books.tenant_id)])
    conn.execute(HANDLERS)
    add_contract(conn)
    return books


def add_contract(conn: psycopg.Connection) -> None:
    """Add the types shop.sold, shop.moved and shop.rejected; shop.note handles the first."""
    for code, aggregate, schema, identities in (
        ("shop.sold", "sale", SCHEMA, {"total": ["net", "tax"]}),
        ("shop.rejected", "rejection", REJECTED, {}),
        ("shop.moved", "sale", {"type": "object"}, {}),
    ):
        conn.execute(
            "INSERT INTO events.event_types (code, aggregate_type, description, payload_schema,"
            " identities) VALUES (%s, %s, 'Test', %s, %s)",
            [code, aggregate, json.dumps(schema), json.dumps(identities)],
        )
    conn.execute(
        "INSERT INTO events.subscriptions (event_type, handler, max_attempts, rejection_type)"
        " VALUES ('shop.sold', 'shop.note', 3, 'shop.rejected')"
    )


def emit(
    conn: psycopg.Connection,
    books: Books,
    aggregate_id: str = "s-1",
    event_type: str = "shop.sold",
    payload: dict[str, Any] | None = None,
    expected: int | None = None,
) -> UUID:
    """Emit an event as a function of the owner would, and return its id."""
    event_id: UUID = value(
        conn,
        "SELECT events.emit(%s, %s, %s, %s, p_expected_version => %s)",
        [
            books.tenant_id,
            event_type,
            aggregate_id,
            json.dumps(PAYLOAD if payload is None else payload),
            expected,
        ],
    )
    return event_id


def arrive(
    conn: psycopg.Connection,
    books: Books,
    aggregate_id: str = "s-1",
    version: int = 1,
    note: str = "",
    event_type: str = "shop.sold",
) -> UUID:
    """Have an event of another database arrive, as replication brings it; return its id."""
    event_id: UUID = value(conn, "SELECT core.uuid_v7()")
    redeliver(conn, books, event_id, aggregate_id, version, note, event_type)
    return event_id


def redeliver(
    conn: psycopg.Connection,
    books: Books,
    event_id: UUID,
    aggregate_id: str = "s-1",
    version: int = 1,
    note: str = "",
    event_type: str = "shop.sold",
) -> None:
    """Insert an event the way an apply worker does, where triggers of origin do not fire."""
    conn.execute("SET session_replication_role = replica")
    conn.execute(
        "INSERT INTO events.event_store (tenant_id, id, source_service, event_type,"
        " aggregate_type, aggregate_id, aggregate_version, payload, occurred_at, actor,"
        " correlation_id)"
        " VALUES (%s, %s, 'shop', %s, 'sale', %s, %s, %s, now(), 'bob', 'request-7')",
        [
            books.tenant_id,
            event_id,
            event_type,
            aggregate_id,
            version,
            json.dumps(PAYLOAD | {"note": note}),
        ],
    )
    conn.execute("SET session_replication_role = origin")


def work(conn: psycopg.Connection, books: Books, limit: int = 50) -> tuple[int, int, int]:
    """Do what is due; return how many were handled, failed, and parked of these."""
    row = conn.execute("SELECT * FROM events.work(%s, %s)", [books.tenant_id, limit]).fetchone()
    assert row is not None
    handled, failed, parked = row
    return handled, failed, parked


def hurry(conn: psycopg.Connection) -> None:
    """Let what waits for its next attempt be due."""
    conn.execute("UPDATE events.pending SET due_at = now() - interval '1 second'")


def seen(conn: psycopg.Connection) -> list[tuple[str, int]]:
    """Return the aggregates and versions that the handler noted, in order."""
    return conn.execute("SELECT aggregate_id, version FROM shop.seen ORDER BY place").fetchall()
