"""events.work: what goes wrong beside a handler's own errors holds up one stream, and no other."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.events.support import arrive, hurry, open_shop, redeliver, seen, work
from tests.ledger.books import Books
from tests.pgtap import is_empty, results_eq, value

STATUS = "SELECT aggregate_id, status, attempts, last_sqlstate FROM events.pending ORDER BY 1, 2"
REJECTIONS = "SELECT count(*) FROM events.event_store WHERE event_type = 'shop.rejected'"


@pytest.fixture
def shop(db: psycopg.Connection) -> Books:
    return open_shop(db)


def replace_handler(db: psycopg.Connection, action: str) -> None:
    """Have the handler do something else with what has the note "bad"."""
    db.execute(
        "CREATE OR REPLACE FUNCTION shop.note(p_event events.event_store) RETURNS jsonb"
        " LANGUAGE plpgsql AS $$ BEGIN"
        f" IF p_event.payload ->> 'note' = 'bad' THEN {action} END IF;"
        " INSERT INTO shop.seen (aggregate_id, version)"
        " VALUES (p_event.aggregate_id, p_event.aggregate_version);"
        " RETURN 'null'; END $$"
    )


def test_an_assertion_that_fails_is_a_failure_like_others(
    db: psycopg.Connection, shop: Books
) -> None:
    replace_handler(db, "ASSERT false;")
    arrive(db, shop, note="bad")
    arrive(db, shop, "s-2")
    assert work(db, shop) == (1, 1, 0)
    assert seen(db) == [("s-2", 1)]
    results_eq(db, STATUS, [("s-1", "waiting", 1, "P0004")])


def test_a_pending_row_without_its_event_is_parked(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop, "s-0")
    lost = arrive(db, shop)
    arrive(db, shop, "s-2")
    db.execute("SET session_replication_role = replica")
    db.execute("DELETE FROM events.event_store WHERE id = %s", [lost])
    db.execute("SET session_replication_role = origin")
    assert work(db, shop) == (2, 1, 1)
    assert seen(db) == [("s-0", 1), ("s-2", 1)]
    results_eq(db, STATUS, [("s-1", "parked", 1, "P0002")])
    assert value(db, REJECTIONS) == 0


def test_attempts_go_on_to_the_last_that_a_subscription_may_have(
    db: psycopg.Connection, shop: Books
) -> None:
    db.execute("UPDATE events.subscriptions SET max_attempts = 100")
    arrive(db, shop, note="bad")
    for _ in range(99):
        hurry(db)
        assert work(db, shop) == (0, 1, 0)
    hurry(db)
    assert work(db, shop) == (0, 1, 1)
    results_eq(db, STATUS, [("s-1", "parked", 100, "22023")])


@pytest.mark.parametrize("sqlstate", ["53100", "53200", "58030"])
def test_a_server_without_room_costs_no_attempt(
    db: psycopg.Connection, shop: Books, sqlstate: str
) -> None:
    replace_handler(db, f"RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}';")
    arrive(db, shop, note="bad")
    for _ in range(5):
        hurry(db)
        assert work(db, shop) == (0, 1, 0)
    results_eq(db, STATUS, [("s-1", "waiting", 0, sqlstate)])
    results_eq(
        db, "SELECT round(extract(epoch FROM due_at - clock_timestamp())) FROM events.pending",
        [(10,)],
    )  # fmt: skip


def test_an_event_whose_rejection_cannot_be_told_is_not_over(
    db: psycopg.Connection, shop: Books
) -> None:
    """Its emitter would never compensate: it is tried on, and no other stream waits for it."""
    change = "UPDATE events.event_types SET payload_schema = %s WHERE code = 'shop.rejected'"
    db.execute(change, ['{"type": "object", "required": ["colour"]}'])
    arrive(db, shop, note="bad")
    for _ in range(3):
        hurry(db)
        assert work(db, shop) == (0, 1, 0)
    arrive(db, shop, "s-2")
    hurry(db)
    assert work(db, shop) == (1, 1, 0)
    results_eq(db, STATUS, [("s-1", "waiting", 4, "22023")])
    assert "ZE002" in value(db, "SELECT last_error FROM events.pending")
    db.execute(change, ['{"type": "object"}'])
    hurry(db)
    assert work(db, shop) == (0, 1, 1)
    assert value(db, REJECTIONS) == 1


def test_what_was_done_and_still_waits_is_not_done_again_nor_rejected(
    db: psycopg.Connection, shop: Books
) -> None:
    event_id = arrive(db, shop)
    work(db, shop)
    db.execute(
        "INSERT INTO events.pending (tenant_id, handler, event_id, aggregate_type, aggregate_id,"
        " aggregate_version, position, due_at, arrived_at)"
        " SELECT tenant_id, 'shop.note', id, aggregate_type, aggregate_id, aggregate_version,"
        " position, now(), now() FROM events.event_store WHERE id = %s",
        [event_id],
    )
    # What a handler says when it meets its own work is no reason to reject.
    replace_handler(db, "NULL;")
    db.execute("CREATE UNIQUE INDEX ON shop.seen (aggregate_id, version)")
    assert work(db, shop) == (1, 0, 0)
    is_empty(db, "SELECT FROM events.pending")
    assert seen(db) == [("s-1", 1)]
    assert value(db, REJECTIONS) == 0


def test_repair_beside_a_worker_does_no_harm(clone: str) -> None:
    """It waits for the worker's pending row, and then sees the event as it was before."""
    with (
        connect(clone, autocommit=False) as worker,
        connect(clone, autocommit=False) as operator,
        connect(clone) as observer,
    ):
        shop = open_shop(worker)
        arrive(worker, shop)
        worker.commit()
        assert work(worker, shop) == (1, 0, 0)
        repair = Background(
            operator, lambda: value(operator, "SELECT events.repair(%s)", [shop.tenant_id])
        )
        assert repair.waits(observer)
        worker.commit()
        assert repair.result() is None
        operator.commit()
        for _ in range(4):
            work(worker, shop)
            hurry(worker)
            worker.commit()
        assert seen(worker) == [("s-1", 1)]
        assert value(worker, REJECTIONS) == 0
        is_empty(worker, "SELECT FROM events.pending")


def test_an_event_that_is_brought_twice_is_left_out(db: psycopg.Connection, shop: Books) -> None:
    event_id = arrive(db, shop)
    redeliver(db, shop, event_id)
    results_eq(db, "SELECT id FROM events.event_store", [(event_id,)])
    assert work(db, shop) == (1, 0, 0)
    redeliver(db, shop, event_id)
    assert work(db, shop) == (0, 0, 0)
    assert seen(db) == [("s-1", 1)]


def test_another_fact_under_the_same_id_is_refused(db: psycopg.Connection, shop: Books) -> None:
    event_id = arrive(db, shop)
    db.execute("SAVEPOINT before")
    with pytest.raises(psycopg.errors.UniqueViolation):
        redeliver(db, shop, event_id, note="other")
    db.execute("ROLLBACK TO before")
    assert value(db, "SELECT payload ->> 'note' FROM events.event_store") == ""
