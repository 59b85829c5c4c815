"""Queueing: what is rendered, what is there already, what is suppressed, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, open_books
from tests.messaging.queue import REMINDER, TEXT, VALUES, hold_for, many, queue, save, status
from tests.party.customers import PHONE, add, create, sealed
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import THIS_YEAR

ROWS = "SELECT count(*) FROM messaging.messages"


def request(customer: Any, key: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "customer_id": str(customer),
        "template": "loan_reminder",
        "values": VALUES,
        "dedup_key": key,
        **changes,
    }


def refused(db: psycopg.Connection, sqlstate: str, *messages: dict[str, Any]) -> None:
    query = "SELECT * FROM messaging.queue_messages('MAIN', %s)"
    throws(db, sqlstate, query, [json.dumps(messages)])


def test_a_message_is_rendered_when_it_is_queued_and_seen_under_the_usual_names(
    db: psycopg.Connection, mary: str
) -> None:
    queue(db, mary)
    save(db, 1, body="Changed")
    with as_role(db, "pgerp_app"):
        results_eq(
            db,
            "SELECT recipient, message, status::text, sent_at, template, language, segments"
            " FROM messaging.sms_histories",
            [("Mary Wanjiku", TEXT, "queued", None, "loan_reminder", "en", 1)],
        )


def test_the_customers_language_goes_before_the_businesss(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    save(db, language="sw", body="Habari {{name}}")
    mary = create(db, given_name="Mary", locale="sw-KE", **PHONE)
    john = create(db, given_name="John", locale="fr", **sealed("phone", "+254722000002"))
    for customer in (mary, john):
        queue(db, customer)
    results_eq(db, "SELECT language FROM messaging.sms_histories ORDER BY id", [("sw",), ("en",)])
    db.execute("UPDATE messaging.templates SET is_active = false WHERE language = 'en'")
    refused(db, "ZM001", request(john))


def test_one_reminder_a_loan_template_and_day(db: psycopg.Connection, mary: str) -> None:
    key = "loan_reminder:17:2026-12-01"
    first = queue(db, mary, key)
    assert queue(db, mary, key) == first
    assert queue(db, mary, "loan_reminder:17:2026-12-02") != first
    assert queue(db, mary) != queue(db, mary)
    # Whatever the template says by now.
    save(db, 1, body="Dear {{name}}, pay {{fee}}.")
    assert queue(db, mary, key) == first
    save(db, 2, is_active=False)
    assert queue(db, mary, key) == first


def test_another_message_under_the_same_key_is_refused(db: psycopg.Connection, mary: str) -> None:
    save(db, code="other")
    john = create(db, given_name="John", **sealed("phone", "+254722000002"))
    queue(db, mary, "k")
    refused(db, "ZM005", request(john, "k"))
    refused(db, "ZM005", request(mary, "k", template="other"))
    refused(db, "ZM005", request(mary, "k", values={**VALUES, "amount": "KES 1"}))
    refused(db, "ZM005", request(mary, "k2"), request(john, "k2"))
    assert value(db, ROWS) == 1


def test_keys_of_businesses_are_apart(db: psycopg.Connection, mary: str) -> None:
    assert queue(db, mary, "k") != queue(db, mary, "k", business="SIDE")


def test_many_are_queued_at_once_with_a_row_for_each_in_order(
    db: psycopg.Connection, mary: str
) -> None:
    silent = create(db, given_name="Silent")
    old = queue(db, mary, "old")
    rows = many(
        db,
        [
            request(mary, "new"),
            request(silent),
            request(mary, "old"),
            request(mary, "new"),
        ],
    )
    assert [(row[0], *row[2:]) for row in rows] == [
        (1, "queued", True),
        (2, "suppressed", True),
        (3, "queued", False),
        (4, "queued", False),
    ]
    assert (rows[2][1], rows[3][1]) == (old, rows[0][1])
    assert value(db, ROWS) == 3
    assert many(db, []) == []


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ({"template": "unknown"}, "ZM001"),
        ({"template": None}, "ZM001"),
        ({"values": {}}, "ZM003"),
        ({"values": "Mary"}, "ZM003"),
        ({"values": None}, "ZM003"),
        ({"customer_id": None}, "ZM004"),
        ({"email": "a@example.com"}, "ZM004"),
        ({"customer_id": "00000000-0000-7000-8000-000000000000"}, "ZT001"),
        ({"customer_id": "Mary"}, "22P02"),
        ({"not_before": "soon"}, "22007"),
        ({"dedup_key": " "}, "23514"),
        ({"key": "k"}, "22023"),
    ],
    ids=str,
)
def test_one_bad_message_has_none_queued(
    db: psycopg.Connection, mary: str, change: dict[str, Any], sqlstate: str
) -> None:
    refused(db, sqlstate, request(mary), {**request(mary), **change})
    assert value(db, ROWS) == 0


def test_what_is_no_array_of_objects_is_refused(db: psycopg.Connection, mary: str) -> None:
    for text in ("{}", '["x"]', "null"):
        throws(db, "22023", "SELECT * FROM messaging.queue_messages('MAIN', %s)", [text])


def test_who_objected_is_not_written_to(db: psycopg.Connection, mary: str) -> None:
    db.execute("SELECT party.withdraw_consent(%s, 'sms_reminders', 'ussd')", [mary])
    assert status(db, queue(db, mary)) == "suppressed no_consent"
    db.execute("SELECT party.record_consent(%s, 'sms_reminders', 'ussd')", [mary])
    assert status(db, queue(db, mary)) == "queued"


def test_who_was_never_asked_is_not_sent_what_needs_consent(
    db: psycopg.Connection, mary: str
) -> None:
    save(db, 1, needs_consent=True)
    assert status(db, queue(db, mary)) == "suppressed no_consent"
    db.execute("SELECT party.record_consent(%s, 'sms_reminders', 'web')", [mary])
    assert status(db, queue(db, mary)) == "queued"


def test_a_customer_is_reached_at_the_primary_contact_or_not_at_all(
    db: psycopg.Connection, mary: str
) -> None:
    john = create(db, given_name="John", email="john@example.com")
    assert status(db, queue(db, john)) == "suppressed no_contact"
    add(db, "contact", john, channel="phone", **sealed("phone", "+254722000003"))
    assert status(db, queue(db, john)) == "queued"
    save(db, code="mail", channel="email", subject="Loan")
    assert status(db, queue(db, mary, template="mail")) == "suppressed no_contact"
    assert status(db, queue(db, john, template="mail")) == "queued"


def test_who_is_no_customer_is_written_to_at_an_encrypted_number_or_an_address(
    db: psycopg.Connection, mary: str
) -> None:
    save(db, code="mail", channel="email", subject="Loan")
    phone = {**request(""), **sealed("phone", "+254722000009")}
    del phone["customer_id"]
    mail = {"template": "mail", "values": VALUES, "email": "a@example.com"}
    assert [row[2] for row in many(db, [phone, mail])] == ["queued", "queued"]
    # An SMS to an address, an e-mail to a number, and plain numbers.
    refused(db, "23514", {**mail, "template": "loan_reminder"})
    refused(db, "23514", {**phone, "template": "mail"})
    refused(db, "23514", {**phone, "phone_encrypted": "+254722000009"})
    refused(db, "23514", {**phone, "phone_hash": "+254722000009"})


def test_a_message_waits_until_its_time(db: psycopg.Connection, mary: str) -> None:
    queue(db, mary, not_before=f"{THIS_YEAR + 5}-01-01T06:00:00Z")
    due = datetime(THIS_YEAR + 5, 1, 1, 6, tzinfo=UTC)
    assert value(db, "SELECT due_at FROM messaging.messages") == due


def test_a_token_without_the_permission_or_the_business_queues_nothing(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    hold_for(db, books, [books.business_id])
    throws(db, "ZI006", "SELECT messaging.queue_message('SIDE', %s, 'loan_reminder')", [mary])
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'alice', NULL, '1 day',"
        " '{ledger.post}'), false)",
        [books.tenant_id],
    )
    throws(db, "ZI011", "SELECT messaging.queue_message('MAIN', %s, 'loan_reminder')", [mary])
    throws(db, "ZI011", "SELECT messaging.save_template(%s)", [json.dumps(REMINDER)])


def test_a_message_of_another_business_or_tenant_is_neither_seen_nor_cancelled(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary, business="SIDE")
    hold_for(db, books, [books.business_id])
    with as_role(db, "pgerp_app"):
        is_empty(db, "SELECT FROM messaging.sms_histories")
        throws(db, "ZM008", "SELECT messaging.cancel_message(%s)", [message])
    open_books(db, "Others")
    with as_role(db, "pgerp_app"):
        is_empty(db, "SELECT FROM messaging.messages")
        throws(db, "ZM008", "SELECT messaging.cancel_message(%s)", [message])


def test_a_message_is_cancelled_until_it_is_claimed_and_tried_again_when_it_failed(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary)
    throws(db, "ZM006", "SELECT messaging.retry_message(%s)", [message])
    for _ in range(2):
        db.execute("SELECT messaging.cancel_message(%s)", [message])
    assert status(db, message) == "cancelled"
    throws(db, "ZM006", "SELECT messaging.retry_message(%s)", [message])
    db.execute("SELECT party.withdraw_consent(%s, 'sms_reminders', 'ussd')", [mary])
    message = queue(db, mary)
    throws(db, "ZM006", "SELECT messaging.cancel_message(%s)", [message])
    db.execute("SELECT messaging.retry_message(%s)", [message])
    assert status(db, message) == "queued"


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ("body = 'Else'", "ZM007"),
        ("template_values = '{}'", "ZM007"),
        ("customer_id = NULL", "ZM007"),
        ("business_id = business_id + 1", "ZM007"),
        ("purpose = 'else'", "ZM007"),
        ("dedup_key = 'else'", "ZM007"),
        ("status = 'sent', sent_at = now(), due_at = NULL", "ZM006"),
        ("status = 'delivered', sent_at = now(), delivered_at = now(), due_at = NULL", "ZM006"),
        ("due_at = NULL", "23514"),
        ("status = 'claimed'", "23514"),
    ],
)
def test_what_is_queued_keeps_what_it_says_by_every_path(
    db: psycopg.Connection, mary: str, change: str, sqlstate: str
) -> None:
    queue(db, mary)
    throws(db, sqlstate, f"UPDATE messaging.messages SET {change}")


def test_a_message_that_was_sent_never_was_queued_by_hand(
    db: psycopg.Connection, mary: str
) -> None:
    queue(db, mary)
    throws(
        db,
        "ZM006",
        """INSERT INTO messaging.messages SELECT (jsonb_populate_record(m, jsonb_build_object(
            'id', core.uuid_v7(), 'status', 'sent', 'sent_at', now(), 'due_at', NULL
        ))).* FROM messaging.messages AS m""",
    )
