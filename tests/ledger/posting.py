"""Types of events, posting rules and events for the tests of both."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.pgtap import as_role, value

AMOUNT = {"type": "number", "minimum": 0, "multipleOf": 0.0001}
DATE = {"type": "string", "format": "date"}
TYPE = "wash.job_done"

PROPERTIES: dict[str, Any] = {
    "done_on": DATE,
    "due_on": DATE,
    "currency": {"type": "string"},
    "customer": {"type": "string"},
    "note": {"type": "string"},
    "remark": {"type": ["string", "null"]},
    "labels": {"type": ["string", "array"]},
    "nothing_ever": {"type": "null"},
    "loose": {"type": "number"},
    "signed": {"type": "number", "minimum": -5, "multipleOf": 0.0001},
    "fine": {"type": "number", "minimum": 0, "multipleOf": 0.00001},
    "optional": AMOUNT,
    "is_cash": {"type": "boolean"},
    "posting_key": {"type": "string"},
    "gross": AMOUNT,
    "net": AMOUNT,
    "vat": AMOUNT,
    "tax": AMOUNT,
    "levy": AMOUNT,
    "totals": {
        "type": "object",
        "properties": {"tip": AMOUNT, "by": {"type": "string"}},
        "required": ["tip"],
    },
}
REQUIRED = [
    *("done_on", "currency", "customer", "gross", "net", "vat", "tax", "levy", "totals"),
    # What no amount can be, though every payload has it.
    *("loose", "signed", "fine"),
]
IDENTITIES = {"gross": ["net", "tax"], "tax": ["vat", "levy"]}

DEBIT = {"side": "debit", "account": "1110", "amount": "gross"}
CREDIT = {**DEBIT, "side": "credit", "account": "4100"}
CREDITS = [
    {"side": "credit", "account": "4100", "amount": "net"},
    {"side": "credit", "role": "vat_payable", "amount": "vat"},
    {"side": "credit", "account": "2110", "amount": "levy"},
]


SAVE = "SELECT ledger.save_posting_rule(%s)"


def both(**changes: Any) -> list[dict[str, Any]]:
    """Two lines that balance, both with these changes."""
    return [DEBIT | changes, CREDIT | changes]


def add_type(
    conn: psycopg.Connection,
    code: str = TYPE,
    properties: dict[str, Any] | None = None,
    required: list[str] | None = None,
    identities: dict[str, list[str]] | None = None,
) -> None:
    """Add a type of event, that of a car wash unless told otherwise, with the handler."""
    schema = {
        "type": "object",
        "properties": PROPERTIES if properties is None else properties,
        "required": REQUIRED if required is None else required,
        "additionalProperties": False,
    }
    conn.execute(
        "INSERT INTO events.event_types VALUES (%s, 'job', 'A test', %s, %s)",
        [code, json.dumps(schema), json.dumps(IDENTITIES if identities is None else identities)],
    )
    conn.execute("INSERT INTO events.subscriptions VALUES (%s, 'ledger.post_event')", [code])


def add_posted_type(conn: psycopg.Connection, module: str = "wash") -> None:
    """Add the type by which the ledger answers a module."""
    name = {"type": "string"}
    properties = {
        "event_id": name,
        "event_type": name,
        "aggregate_type": name,
        "aggregate_id": name,
        "entry_id": {"type": ["string", "null"], "format": "uuid"},
    }
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    conn.execute(
        "INSERT INTO events.event_types VALUES (%s, 'posting', 'A test', %s)",
        [f"ledger.{module}_posted", json.dumps(schema)],
    )


def open_posting(conn: psycopg.Connection) -> None:
    """Add the type of event and the role that the rule of `rule` names."""
    add_type(conn)
    conn.execute("SELECT ledger.set_account_role('vat_payable', '2110')")


def rule(**changes: Any) -> dict[str, Any]:
    """Return a sound posting rule, with changes; None leaves a key out."""
    whole = {
        "event_type": TYPE,
        "name": "Wash",
        "description": "Wash for {customer}",
        "date": "done_on",
        "lines": [DEBIT, *CREDITS],
    } | changes
    return {key: item for key, item in whole.items() if item is not None}


def save(conn: psycopg.Connection, **changes: Any) -> Any:
    """Save the rule of `rule` through the API and return its id."""
    return value(conn, "SELECT ledger.save_posting_rule(%s)", [json.dumps(rule(**changes))])


def payload(**changes: Any) -> dict[str, Any]:
    """Return a payload of the type, with changes; None leaves a key out."""
    whole = {
        "done_on": "2026-03-04",
        "currency": "USD",
        "customer": "ACME",
        "gross": 116.5,
        "net": 100,
        "vat": 16,
        "tax": 16.5,
        "levy": 0.5,
        "totals": {"tip": 2},
        "loose": 1,
        "signed": -1,
        "fine": 0.00001,
    } | changes
    return {key: item for key, item in whole.items() if item is not None}


ZEROS = dict.fromkeys(("gross", "net", "vat", "tax", "levy"), 0)


def emit(
    conn: psycopg.Connection,
    books: Books,
    body: dict[str, Any] | None = None,
    *,
    business: int | None = -1,
    event_type: str = TYPE,
    aggregate: str = "J-1",
) -> Any:
    """Emit an event as a function of the owner would, without a token; return its id.

    Args:
        conn: A session in a transaction.
        books: Whose tenant.
        body: The payload; None: that of `payload`.
        business: Its id; None: of no business; -1: MAIN.
        event_type: The type.
        aggregate: What it happened to.
    """
    with conn.transaction(), as_role(conn, "pgerp_owner"):
        conn.execute(
            "SELECT set_config('pgerp.tenant_id', %s, true), set_config('pgerp.token', '', true)",
            [str(books.tenant_id)],
        )
        event_id = value(
            conn,
            "SELECT events.emit(%s, %s, %s, %s, %s)",
            [
                books.tenant_id,
                event_type,
                aggregate,
                json.dumps(payload() if body is None else body),
                books.business_id if business == -1 else business,
            ],
        )
    conn.execute("SELECT set_config('pgerp.token', %s, true)", [books.token])
    return event_id


def result(conn: psycopg.Connection, event_id: Any) -> dict[str, Any]:
    """Return what the handler returned for an event."""
    query = "SELECT result FROM events.processed_events WHERE event_id = %s"
    return value(conn, query, [event_id])  # type: ignore[no-any-return]


def lines(conn: psycopg.Connection, entry_id: Any) -> list[tuple[str, str]]:
    """Return the lines of an entry as account code and signed amount."""
    return [
        (code, f"{amount.normalize():f}")
        for code, amount in conn.execute(
            """SELECT a.code, l.amount FROM ledger.journal_lines AS l
            INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
            WHERE l.entry_id = %s ORDER BY l.line_no""",
            [entry_id],
        )
    ]
