"""events.work: what arrived is acted upon once, in the order of its stream, or parked."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.events.support import arrive, emit, hurry, open_shop, redeliver, seen, work
from tests.ledger.books import Books
from tests.pgtap import as_role, is_empty, results_eq, throws, value

STATUS = "SELECT aggregate_id, status, attempts, last_sqlstate FROM events.pending ORDER BY 1, 2"


@pytest.fixture
def shop(db: psycopg.Connection) -> Books:
    return open_shop(db)


def test_what_arrives_waits_for_its_handler(db: psycopg.Connection, shop: Books) -> None:
    event_id = arrive(db, shop)
    results_eq(db, "SELECT handler, event_id FROM events.pending", [("shop.note", event_id)])
    assert seen(db) == []
    assert work(db, shop) == (1, 0, 0)
    assert seen(db) == [("s-1", 1)]
    is_empty(db, "SELECT FROM events.pending")
    results_eq(db, "SELECT event_id FROM events.processed_events", [(event_id,)])
    assert work(db, shop) == (0, 0, 0)


def test_an_event_without_a_handler_here_only_becomes_history(
    db: psycopg.Connection, shop: Books
) -> None:
    arrive(db, shop, event_type="shop.moved")
    is_empty(db, "SELECT FROM events.pending")
    assert value(db, "SELECT count(*) FROM events.event_store") == 1


def test_what_is_emitted_here_is_not_pending(db: psycopg.Connection, shop: Books) -> None:
    emit(db, shop)
    is_empty(db, "SELECT FROM events.pending")


def test_handlers_act_as_who_emitted_the_event(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop)
    work(db, shop)
    results_eq(db, "SELECT actor, correlation_id FROM shop.seen", [("bob", "request-7")])


def test_a_second_delivery_does_nothing(db: psycopg.Connection, shop: Books) -> None:
    event_id = arrive(db, shop)
    work(db, shop)
    # As after a restore: the store lost the event, and gets it again.
    db.execute("ALTER TABLE events.event_store DISABLE TRIGGER event_store_append_only")
    db.execute("DELETE FROM events.event_store")
    db.execute("ALTER TABLE events.event_store ENABLE TRIGGER event_store_append_only")
    redeliver(db, shop, event_id)
    is_empty(db, "SELECT FROM events.pending")
    assert work(db, shop) == (0, 0, 0)
    assert seen(db) == [("s-1", 1)]


def test_a_handler_that_already_acted_is_not_called_into_effect_again(
    db: psycopg.Connection, shop: Books
) -> None:
    event_id = arrive(db, shop)
    db.execute(
        "INSERT INTO events.processed_events (tenant_id, handler, event_id, processed_at)"
        " VALUES (%s, 'shop.note', %s, now())",
        [shop.tenant_id, event_id],
    )
    assert work(db, shop) == (1, 0, 0)
    assert seen(db) == []
    is_empty(db, "SELECT FROM events.pending")


def test_a_stream_is_taken_in_the_order_of_its_versions(
    db: psycopg.Connection, shop: Books
) -> None:
    for version in (3, 1, 2):
        arrive(db, shop, version=version)
    assert [work(db, shop) for _ in range(4)] == [(1, 0, 0), (1, 0, 0), (1, 0, 0), (0, 0, 0)]
    assert seen(db) == [("s-1", 1), ("s-1", 2), ("s-1", 3)]


def test_an_event_waits_for_a_predecessor_that_has_not_arrived(
    db: psycopg.Connection, shop: Books
) -> None:
    arrive(db, shop, version=2)
    arrive(db, shop, "s-2")
    assert work(db, shop) == (1, 0, 0)
    assert seen(db) == [("s-2", 1)]
    arrive(db, shop, version=1, event_type="shop.moved")
    assert work(db, shop) == (1, 0, 0)
    assert seen(db) == [("s-2", 1), ("s-1", 2)]


def test_a_failure_leaves_only_a_note_and_is_tried_again_later(
    db: psycopg.Connection, shop: Books
) -> None:
    arrive(db, shop, note="bad")
    assert work(db, shop) == (0, 1, 0)
    assert seen(db) == []
    is_empty(db, "SELECT FROM events.processed_events")
    results_eq(db, STATUS, [("s-1", "waiting", 1, "22023")])
    assert work(db, shop) == (0, 0, 0)


def test_attempts_come_further_and_further_apart(db: psycopg.Connection, shop: Books) -> None:
    db.execute("UPDATE events.subscriptions SET max_attempts = 100")
    arrive(db, shop, note="bad")
    waits = []
    for _ in range(12):
        hurry(db)
        work(db, shop)
        waits.append(
            value(db, "SELECT round(extract(epoch FROM due_at - clock_timestamp())) FROM"
                  " events.pending")
        )  # fmt: skip
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]


def test_who_fails_since_others_are_in_the_way_loses_no_attempt(
    db: psycopg.Connection, shop: Books
) -> None:
    db.execute("""CREATE OR REPLACE FUNCTION shop.note(p_event events.event_store) RETURNS jsonb
        LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$""")
    arrive(db, shop)
    for _ in range(5):
        hurry(db)
        assert work(db, shop) == (0, 1, 0)
    results_eq(db, STATUS, [("s-1", "waiting", 0, "40P01")])


def park(db: psycopg.Connection, shop: Books) -> None:
    """Use up the three attempts of a bad event."""
    for _ in range(3):
        hurry(db)
        work(db, shop)


def test_a_poison_event_parks_its_own_stream_and_no_other(
    db: psycopg.Connection, shop: Books
) -> None:
    arrive(db, shop, note="bad")
    arrive(db, shop, version=2)
    arrive(db, shop, "s-2")
    park(db, shop)
    assert seen(db) == [("s-2", 1)]
    hurry(db)
    assert work(db, shop) == (0, 0, 0)
    results_eq(db, STATUS, [("s-1", "waiting", 0, None), ("s-1", "parked", 3, "22023")])
    results_eq(
        db,
        "SELECT handler, aggregate_id, attempts, last_sqlstate, waiting_behind FROM events.parked",
        [("shop.note", "s-1", 3, "22023", 1)],
    )


def test_parking_tells_the_emitter(db: psycopg.Connection, shop: Books) -> None:
    event_id = arrive(db, shop, note="bad")
    park(db, shop)
    results_eq(
        db,
        "SELECT aggregate_type, aggregate_id, causation_id, correlation_id,"
        " payload ->> 'handler', payload ->> 'sqlstate', payload ->> 'aggregate_id'"
        " FROM events.event_store WHERE event_type = 'shop.rejected'",
        [("rejection", str(event_id), event_id, "request-7", "shop.note", "22023", "s-1")],
    )


def test_who_waits_behind_parked_events_keeps_no_other_stream_waiting(
    db: psycopg.Connection, shop: Books
) -> None:
    """However many: a worker that takes one at a time looks among the five oldest first."""
    arrive(db, shop, note="bad")
    park(db, shop)
    for version in range(2, 14):
        arrive(db, shop, version=version)
    arrive(db, shop, "s-2")
    assert work(db, shop, 1) == (1, 0, 0)
    assert seen(db) == [("s-2", 1)]
    assert work(db, shop, 1) == (0, 0, 0)


def test_a_handler_that_is_gone_parks_its_events(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop)
    db.execute("DROP FUNCTION shop.note(events.event_store)")
    assert work(db, shop) == (0, 1, 1)
    results_eq(db, STATUS, [("s-1", "parked", 1, "42883")])


def test_a_tenant_is_worked_for_alone(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop)
    other = value(db, "SELECT identity.create_tenant('Other')")
    assert work(db, Books(other, "", 0)) == (0, 0, 0)
    assert seen(db) == []


def test_only_workers_work(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop)
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        with as_role(db, role):
            throws(db, "42501", "SELECT events.work(%s)", [shop.tenant_id])
    with as_role(db, "pgerp_worker"):
        assert work(db, shop) == (1, 0, 0)
        throws(db, "42501", "SELECT FROM events.event_store")


def test_what_one_worker_holds_another_passes_over(clone: str) -> None:
    with (
        connect(clone, autocommit=False) as first,
        connect(clone, autocommit=False) as second,
    ):
        shop = open_shop(first)
        for aggregate in ("s-1", "s-2", "s-3"):
            arrive(first, shop, aggregate)
        arrive(first, shop, "s-1", 2)
        first.commit()
        assert work(first, shop, 2) == (2, 0, 0)
        # The second event of s-1 waits for the first, which is not committed.
        assert Background(second, lambda: work(second, shop)).result() is None
        second.commit()
        first.rollback()
        assert [row[0] for row in seen(first)] == ["s-3"]
        assert work(first, shop) == (2, 0, 0)
        assert work(first, shop) == (1, 0, 0)
        assert value(first, "SELECT count(*) FROM events.processed_events") == 4


def test_repair_notes_what_neither_was_done_nor_waits(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop)
    arrive(db, shop, "s-2")
    work(db, shop, 1)
    arrive(db, shop, "s-3")
    db.execute("DELETE FROM events.pending")
    repair = "SELECT events.repair(%s)"
    assert value(db, repair, [shop.tenant_id]) == 2
    assert value(db, repair, [shop.tenant_id]) == 0
    assert work(db, shop) == (2, 0, 0)
    assert sorted(seen(db)) == [("s-1", 1), ("s-2", 1), ("s-3", 1)]
    db.execute("DELETE FROM events.pending")
    assert value(db, repair, [shop.tenant_id]) == 0
