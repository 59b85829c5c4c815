"""Claiming: what a worker gets, what becomes of it, and what delivery reports say."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.messaging.queue import claim, end_lease, queue, save, status
from tests.party.customers import PHONE, add, create, sealed
from tests.pgtap import as_role, results_eq, throws, value
from tests.years import THIS_YEAR

SENT = "SELECT messaging.note_sent(%s, %s, %s, %s)"
FAILED = "SELECT messaging.note_failed(%s, %s, %s, 'line dead', %s)"
RELEASED = "SELECT messaging.release_message(%s, %s, %s)"
DELIVERY = "SELECT messaging.note_delivery('file', %s, %s)::text"
PAUSE = "SELECT extract(EPOCH FROM due_at - clock_timestamp()) FROM messaging.messages"


def sent(db: psycopg.Connection, books: Books, mary: str, gateway_id: str = "g-1") -> Any:
    """Queue, claim and send a message; return its id."""
    message = queue(db, mary)
    for claimed, attempt in claim(db, books.tenant_id):
        assert claimed == message
        assert value(db, SENT, [books.tenant_id, claimed, attempt, gateway_id]) is True
    return message


def test_a_claimed_message_has_what_the_worker_needs_and_is_nobody_elses(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary)
    with as_role(db, "pgerp_worker"):
        assert value(db, "SELECT messaging.tenants_with_work()") == books.tenant_id
        results_eq(
            db,
            "SELECT message_id, attempt, channel::text, phone_encrypted, email, subject, body"
            " FROM messaging.claim_messages(%s, 'file')",
            [
                (
                    message,
                    1,
                    "sms",
                    PHONE["phone_encrypted"],
                    None,
                    None,
                    "Dear Mary, KES 1,200 is due on 1 December.",
                )
            ],
            [books.tenant_id],
        )
        assert claim(db, books.tenant_id) == []
        assert value(db, "SELECT count(*) FROM messaging.tenants_with_work()") == 0
    results_eq(
        db,
        "SELECT status::text, gateway, phone_encrypted, claimed_by LIKE '% %'"
        " FROM messaging.messages",
        [("claimed", "file", PHONE["phone_encrypted"], True)],
    )
    throws(db, "ZM006", "SELECT messaging.cancel_message(%s)", [message])


def test_a_worker_may_no_more_than_claim_and_note(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    queue(db, mary)
    with as_role(db, "pgerp_worker"):
        throws(db, "42501", "SELECT FROM messaging.messages")
        throws(db, "42501", "SELECT messaging.cancel_message(NULL)")
    with as_role(db, "pgerp_app"):
        throws(db, "42501", "SELECT messaging.claim_messages(1, 'file')")
        throws(db, "42501", "SELECT messaging.note_sent(1, NULL, 1)")
        throws(db, "42501", "UPDATE messaging.messages SET status = 'sent'")


def test_what_is_not_due_is_not_claimed_and_the_longest_waiting_comes_first(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    late = queue(db, mary, not_before=f"{THIS_YEAR + 5}-01-01")
    first, second = queue(db, mary), queue(db, mary)
    assert claim(db, books.tenant_id, limit=1) == [(first, 1)]
    assert claim(db, books.tenant_id) == [(second, 1)]
    assert status(db, late) == "queued"


def test_consent_that_was_withdrawn_after_queueing_counts(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary)
    db.execute("SELECT party.withdraw_consent(%s, 'sms_reminders', 'ussd')", [mary])
    assert claim(db, books.tenant_id) == []
    assert status(db, message) == "suppressed no_consent"
    results_eq(
        db,
        "SELECT phone_encrypted, attempts::integer, due_at FROM messaging.messages",
        [(None, 0, None)],
    )


def test_the_number_of_the_day_of_sending_counts(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    john = create(db, given_name="John")
    contact = add(db, "contact", john, channel="phone", **sealed("phone", "+254722000003"))
    message = queue(db, john)
    db.execute("SELECT party.remove_contact(%s)", [contact])
    assert claim(db, books.tenant_id) == []
    assert status(db, message) == "suppressed no_contact"
    new = sealed("phone", "+254722000004")
    add(db, "contact", john, channel="phone", **new)
    db.execute("SELECT messaging.retry_message(%s)", [message])
    assert claim(db, books.tenant_id) == [(message, 1)]
    query = "SELECT phone_encrypted FROM messaging.messages WHERE id = %s"
    assert value(db, query, [message]) == new["phone_encrypted"]


def test_a_message_whose_lease_ended_is_claimed_again_and_the_first_worker_believed_no_more(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary)
    assert claim(db, books.tenant_id) == [(message, 1)]
    end_lease(db, message)
    assert claim(db, books.tenant_id) == [(message, 2)]
    for note in (
        (SENT, [books.tenant_id, message, 1, "g-1"]),
        (FAILED, [books.tenant_id, message, 1, True]),
        (RELEASED, [books.tenant_id, message, 1]),
    ):
        assert value(db, *note) is False
    assert status(db, message) == "claimed"
    assert value(db, SENT, [books.tenant_id, message, 2, "g-2"]) is True
    assert value(db, SENT, [books.tenant_id, message, 2, "g-3"]) is False
    results_eq(db, "SELECT gateway_message_id FROM messaging.messages", [("g-2",)])


def test_whose_lease_ended_is_believed_while_nobody_else_has_the_message(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary)
    claim(db, books.tenant_id)
    end_lease(db, message)
    assert value(db, SENT, [books.tenant_id, message, 1, "g-1"]) is True
    assert claim(db, books.tenant_id) == []


def test_a_message_that_no_worker_tells_of_is_given_up_after_its_attempts(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    save(db, 1, max_attempts=2)
    message = queue(db, mary)
    for attempt in (1, 2):
        assert claim(db, books.tenant_id) == [(message, attempt)]
        end_lease(db, message)
    assert claim(db, books.tenant_id) == []
    assert status(db, message) == "failed"


def test_an_attempt_that_failed_is_repeated_later_each_time_and_then_given_up(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    save(db, 1, max_attempts=3)
    message = queue(db, mary)
    for attempt, pause in ((1, 30), (2, 60)):
        assert claim(db, books.tenant_id) == [(message, attempt)]
        assert value(db, FAILED, [books.tenant_id, message, attempt, False]) is True
        assert pause / 2 - 5 < value(db, PAUSE) < 1.5 * pause
        assert claim(db, books.tenant_id) == []
        end_lease(db, message)
    claim(db, books.tenant_id)
    value(db, FAILED, [books.tenant_id, message, 3, False])
    results_eq(
        db,
        "SELECT status::text, last_error, due_at FROM messaging.messages",
        [("failed", "line dead", None)],
    )
    db.execute("SELECT messaging.retry_message(%s)", [message])
    assert claim(db, books.tenant_id) == [(message, 4)]
    assert value(db, "SELECT attempts_left FROM messaging.messages") == 2


def test_pauses_differ_so_that_what_failed_together_does_not_come_together(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    for _ in range(8):
        queue(db, mary)
    for message, attempt in claim(db, books.tenant_id):
        value(db, FAILED, [books.tenant_id, message, attempt, False])
    pauses = [float(pause) for (pause,) in db.execute(PAUSE)]
    assert max(pauses) - min(pauses) > 1


def test_a_permanent_failure_is_not_repeated(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = queue(db, mary)
    claim(db, books.tenant_id)
    assert value(db, FAILED, [books.tenant_id, message, 1, True]) is True
    assert status(db, message) == "failed"


def test_what_is_given_back_costs_no_attempt(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    save(db, 1, max_attempts=1)
    message = queue(db, mary)
    claim(db, books.tenant_id)
    assert value(db, RELEASED, [books.tenant_id, message, 1]) is True
    assert claim(db, books.tenant_id) == [(message, 2)]


def test_delivery_reports_come_twice_and_out_of_order(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    message = sent(db, books, mary)
    for delivered, expected in (
        (False, "failed"),
        (False, "failed"),
        (True, "delivered"),
        (True, "delivered"),
        (False, "delivered"),
    ):
        assert value(db, DELIVERY, ["g-1", delivered]) == expected
    results_eq(
        db,
        "SELECT status::text, last_error, delivered_at IS NOT NULL FROM messaging.messages",
        [("delivered", None, True)],
    )
    throws(db, "ZM006", "SELECT messaging.retry_message(%s)", [message])


def test_a_report_about_a_message_that_was_not_sent_is_refused(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    sent(db, books, mary)
    throws(db, "ZM008", DELIVERY, ["g-2", True])
    throws(db, "ZM008", "SELECT messaging.note_delivery('http', 'g-1', true)")
    throws(db, "ZM008", "SELECT messaging.note_delivery(NULL, NULL, true)")
    throws(db, "22004", DELIVERY, ["g-1", None])


@pytest.mark.parametrize(
    "arguments",
    ["NULL", "'file', 0", "'file', 1001", "'file', NULL", "'file', 1, '0 s'", "'file', 1, NULL"],
)
def test_a_claim_without_sense_is_refused(
    db: psycopg.Connection, books: Books, arguments: str
) -> None:
    throws(
        db, "22023", f"SELECT * FROM messaging.claim_messages(%s, {arguments})", [books.tenant_id]
    )


def test_who_watches_sees_counts_of_all_tenants_and_nothing_else(
    db: psycopg.Connection, books: Books, mary: str
) -> None:
    for _ in range(3):
        queue(db, mary)
    queue(db, mary, not_before=f"{THIS_YEAR + 5}-01-01")
    ((first, _),) = claim(db, books.tenant_id, limit=1)
    end_lease(db, first)
    db.execute("SELECT set_config('pgerp.token', '', false)")
    with as_role(db, "pgerp_monitor"):
        results_eq(
            db,
            "SELECT channel::text, queued, due, claimed, expired, failed_last_day,"
            " oldest_due_seconds > 0 FROM messaging.queue_status",
            [("sms", 3, 2, 1, 1, 0, True), ("email", 0, 0, 0, 0, 0, None)],
        )
        throws(db, "42501", "SELECT FROM messaging.messages")
    assert offenders(db) == {}
