"""Messages for tests: templates, customers that can be reached, and what the queue says."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.pgtap import value

REMINDER = {
    "code": "loan_reminder",
    "language": "en",
    "body": "Dear {{name}}, {{amount}} is due on {{day}}.",
    "purpose": "sms_reminders",
}
VALUES = {"name": "Mary", "amount": "KES 1,200", "day": "1 December"}
TEXT = "Dear Mary, KES 1,200 is due on 1 December."


def save(conn: psycopg.Connection, version: int | None = None, **changes: Any) -> Any:
    """Save the reminder with changes and return the template's id."""
    template = json.dumps({**REMINDER, **changes})
    return value(conn, "SELECT messaging.save_template(%s, %s)", [template, version])


def queue(
    conn: psycopg.Connection,
    customer: Any,
    key: str | None = None,
    *,
    business: str = "MAIN",
    not_before: str | None = None,
    template: str = "loan_reminder",
    **changes: Any,
) -> Any:
    """Queue the reminder to a customer and return the message's id."""
    return value(
        conn,
        "SELECT messaging.queue_message(%s, %s, %s, %s, %s, %s)",
        [business, customer, template, json.dumps({**VALUES, **changes}), key, not_before],
    )


def hold_for(conn: psycopg.Connection, books: Books, businesses: list[int]) -> None:
    """Hold a token for some businesses."""
    conn.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'alice', %s, '1 day'), false)",
        [books.tenant_id, businesses],
    )


def many(
    conn: psycopg.Connection, messages: list[dict[str, Any]], business: str = "MAIN"
) -> list[Any]:
    """Queue messages and return what is said of each: ordinal, id, status, is_new."""
    return conn.execute(
        "SELECT ordinal, message_id, status::text, is_new FROM messaging.queue_messages(%s, %s)",
        [business, json.dumps(messages)],
    ).fetchall()


def claim(
    conn: psycopg.Connection, tenant: int, limit: int = 20, lease: str = "2 minutes"
) -> list[Any]:
    """Claim as a worker does; return (message, attempt) of each."""
    return conn.execute(
        "SELECT message_id, attempt FROM messaging.claim_messages(%s, 'file', %s, %s)",
        [tenant, limit, lease],
    ).fetchall()


def status(conn: psycopg.Connection, message: Any) -> str:
    """Return the status of a message, with why it was suppressed."""
    return str(
        value(
            conn,
            "SELECT concat_ws(' ', status, suppressed_for) FROM messaging.messages WHERE id = %s",
            [message],
        )
    )


def end_lease(conn: psycopg.Connection, message: Any) -> None:
    """Have the lease, or the pause before the next attempt, be over."""
    conn.execute(
        "UPDATE messaging.messages SET due_at = now() - interval '1 second' WHERE id = %s",
        [message],
    )
