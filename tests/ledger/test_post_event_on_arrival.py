"""An event that arrived is posted without a token, or kept until it can be."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.events.support import hurry, work
from tests.ledger.books import Books, settle
from tests.ledger.posting import TYPE, open_posting, payload, save
from tests.pgtap import results_eq, value


@pytest.fixture
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with the type of event, its role and one attempt more than one."""
    open_posting(db)
    db.execute("UPDATE events.subscriptions SET max_attempts = 2 WHERE event_type = %s", [TYPE])
    return books


def arrive(conn: psycopg.Connection, books: Books) -> object:
    """Have an event arrive as replication brings it, in a session without a token."""
    conn.execute("SELECT set_config('pgerp.token', '', true)")
    conn.execute("SET session_replication_role = replica")
    event_id = value(
        conn,
        "INSERT INTO events.event_store (tenant_id, id, business_id, source_service, event_type,"
        " aggregate_type, aggregate_id, aggregate_version, payload, occurred_at, actor,"
        " correlation_id) VALUES (%s, core.uuid_v7(), %s, 'wash', %s, 'job', 'J-1', 1, %s, now(),"
        " 'bob', 'request-7') RETURNING id",
        [books.tenant_id, books.business_id, TYPE, json.dumps(payload())],
    )
    conn.execute("SET session_replication_role = origin")
    return event_id


def hold(conn: psycopg.Connection, books: Books) -> None:
    conn.execute("SELECT set_config('pgerp.token', %s, true)", [books.token])


def test_an_event_that_arrived_is_posted_as_who_emitted_it(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    event_id = arrive(db, books)
    assert work(db, books) == (1, 0, 0)
    results_eq(
        db,
        """SELECT p.event_id, p.aggregate_id, e.created_by FROM ledger.posted_events AS p
        INNER JOIN ledger.journal_entries AS e ON e.id = p.entry_id""",
        [(event_id, "J-1", "bob")],
    )
    hold(db, books)
    settle(db)


def test_an_event_without_a_rule_waits_is_parked_and_is_posted_once_there_is_one(
    db: psycopg.Connection, books: Books
) -> None:
    event_id = arrive(db, books)
    assert work(db, books) == (0, 1, 0)
    hurry(db)
    assert work(db, books) == (0, 1, 1)
    results_eq(db, "SELECT event_id, last_sqlstate FROM events.parked", [(event_id, "ZL090")])
    hold(db, books)
    save(db)
    db.execute("SELECT events.retry('ledger.post_event', %s)", [event_id])
    assert work(db, books) == (1, 0, 0)
    assert value(db, "SELECT entry_id IS NOT NULL FROM ledger.posted_events")


def test_an_event_that_an_operator_leaves_out_says_why(
    db: psycopg.Connection, books: Books
) -> None:
    event_id = arrive(db, books)
    hold(db, books)
    db.execute("SELECT events.skip('ledger.post_event', %s, 'Posted by hand')", [event_id])
    results_eq(db, "SELECT entry_id, reason FROM ledger.posted_events", [(None, "Posted by hand")])


def test_no_event_that_arrived_is_posted_into_a_soft_closed_period(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    db.execute("SELECT ledger.soft_close_period('MAIN', '2026-03')")
    arrive(db, books)
    assert work(db, books) == (0, 1, 0)
    assert value(db, "SELECT last_sqlstate FROM events.pending") == "ZL002"
