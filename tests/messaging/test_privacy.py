"""What somebody was written is theirs: it is exported, goes with them, and is not in the log."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from pgerp.db import connect
from tests.ledger.books import offenders, open_books
from tests.messaging.queue import claim, queue, save, status
from tests.party.customers import add, create, sealed
from tests.party.person import ANONYMISE, let_all
from tests.pgtap import throws, value

PHONE = sealed("phone", "+254733987654")
SECRETS = ("Zawadi", "KES 77,777", "zawadi@example.org", "0733 rejected", *PHONE.values())


def sightings(conn: psycopg.Connection, table: str) -> set[str]:
    text = "\n".join(row for (row,) in conn.execute(f"SELECT t::text FROM {table} AS t"))  # type: ignore[arg-type]
    return {secret for secret in SECRETS if secret in text}


def write_to(conn: psycopg.Connection, tenant: int) -> Any:
    """Have a customer with an SMS that failed and an e-mail that waits; return the customer."""
    save(conn)
    save(conn, code="mail", channel="email", subject="For {{name}}")
    customer = create(conn, given_name="Zawadi", email="zawadi@example.org", **PHONE)
    values = {"name": "Zawadi", "amount": "KES 77,777"}
    queue(conn, customer, "k", **values)
    ((message, attempt),) = claim(conn, tenant)
    value(
        conn,
        "SELECT messaging.note_failed(%s, %s, %s, '0733 rejected', true)",
        [tenant, message, attempt],
    )
    queue(conn, customer, template="mail", **values)
    ((message, attempt),) = claim(conn, tenant)
    value(conn, "SELECT messaging.release_message(%s, %s, %s)", [tenant, message, attempt])
    return customer


def test_messages_are_exported_and_gone_when_the_customer_is(clone: str) -> None:
    with connect(clone) as conn:
        books = open_books(conn)
        customer = write_to(conn, books.tenant_id)
        let_all(conn, books)
        assert sightings(conn, "messaging.messages") == set(SECRETS)
        # Changes are on record, without what they say.
        assert (
            value(
                conn, "SELECT count(*) FROM audit.log WHERE table_name = %s", ["messaging.messages"]
            )
            == 4
        )
        log = "(SELECT * FROM audit.log WHERE table_name = 'messaging.messages')"
        assert sightings(conn, log) == set()
        told = value(conn, "SELECT party.export_personal_data(%s)", [customer])
        assert len(told["tables"]["messaging.messages"]) == 2
        assert {secret for secret in SECRETS if secret in json.dumps(told["tables"])} == set(
            SECRETS
        )
        conn.execute(ANONYMISE, [customer])
        assert sightings(conn, "messaging.messages") == set()
        assert sightings(conn, log) == set()
        messages = [id_ for (id_,) in conn.execute("SELECT id FROM messaging.messages ORDER BY id")]
        assert [status(conn, message) for message in messages] == ["failed", "queued"]
        throws(conn, "ZT002", "SELECT messaging.retry_message(%s)", [messages[0]])
        throws(
            conn,
            "ZT002",
            "SELECT messaging.queue_message('MAIN', %s, 'loan_reminder', %s)",
            [customer, json.dumps({"name": "Z", "amount": "1", "day": "1"})],
        )
        assert claim(conn, books.tenant_id) == []
        assert status(conn, messages[1]) == "suppressed anonymised"
        assert offenders(conn) == {}


def test_a_number_is_not_in_the_queue_before_it_is_needed(db: psycopg.Connection) -> None:
    open_books(db)
    save(db)
    customer = create(db, given_name="Zawadi")
    add(db, "contact", customer, channel="phone", **PHONE)
    queue(db, customer)
    assert sightings(db, "messaging.messages") == set()


def test_an_export_of_all_is_not_for_a_token_of_one_business(db: psycopg.Connection) -> None:
    books = open_books(db)
    save(db)
    customer = create(db, given_name="Zawadi", **PHONE)
    queue(db, customer, business="SIDE")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'alice', %s, '1 day', '{*}'),"
        " false)",
        [books.tenant_id, [books.business_id]],
    )
    throws(db, "ZI006", "SELECT party.export_personal_data(%s)", [customer])
