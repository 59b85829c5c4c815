"""What operators do about parked events: try them again, or leave them out and say why."""

from __future__ import annotations

import psycopg
import pytest

from tests.events.support import arrive, hurry, open_shop, seen, work
from tests.ledger.books import Books
from tests.pgtap import as_role, is_empty, results_eq, throws, value

NOT_PENDING, NO_REASON, NO_PERMISSION = "ZE006", "ZE007", "ZI011"
RETRY = "SELECT events.retry('shop.note', %s)"
SKIP = "SELECT events.skip('shop.note', %s, %s)"


@pytest.fixture
def shop(db: psycopg.Connection) -> Books:
    shop = open_shop(db)
    arrive(db, shop, note="bad")
    arrive(db, shop, version=2)
    for _ in range(3):
        hurry(db)
        work(db, shop)
    return shop


@pytest.fixture
def parked(db: psycopg.Connection, shop: Books) -> object:
    return value(db, "SELECT event_id FROM events.parked")


def mend(db: psycopg.Connection) -> None:
    """Replace the handler by one that can do everything."""
    db.execute("""CREATE OR REPLACE FUNCTION shop.note(p_event events.event_store) RETURNS jsonb
        LANGUAGE sql AS $$ INSERT INTO shop.seen (aggregate_id, version)
        VALUES (p_event.aggregate_id, p_event.aggregate_version) RETURNING 'null'::jsonb $$""")


def test_a_parked_event_is_tried_again_and_its_stream_goes_on(
    db: psycopg.Connection, shop: Books, parked: object
) -> None:
    mend(db)
    with as_role(db, "pgerp_app"):
        db.execute(RETRY, [parked])
    assert work(db, shop) == (1, 0, 0)
    assert work(db, shop) == (1, 0, 0)
    assert seen(db) == [("s-1", 1), ("s-1", 2)]


def test_a_retry_has_all_its_attempts(db: psycopg.Connection, shop: Books, parked: object) -> None:
    db.execute(RETRY, [parked])
    assert work(db, shop) == (0, 1, 0)
    results_eq(db, "SELECT status, attempts FROM events.pending WHERE attempts > 0",
               [("waiting", 1)])  # fmt: skip


def test_a_skipped_event_is_on_record_and_its_stream_goes_on(
    db: psycopg.Connection, shop: Books, parked: object
) -> None:
    with as_role(db, "pgerp_app"):
        db.execute(SKIP, [parked, "entered by hand"])
    results_eq(
        db,
        "SELECT result - 'error' FROM events.processed_events WHERE event_id = %s",
        [({"skipped": "entered by hand", "by": "alice", "sqlstate": "22023"},)],
        [parked],
    )
    assert work(db, shop) == (1, 0, 0)
    assert seen(db) == [("s-1", 2)]
    is_empty(db, "SELECT FROM events.pending")


@pytest.mark.parametrize("reason", [None, "", " \t", "x" * 2001])
def test_no_event_is_left_out_without_a_reason(
    db: psycopg.Connection, parked: object, reason: str | None
) -> None:
    throws(db, NO_REASON, SKIP, [parked, reason])
    assert value(db, "SELECT count(*) FROM events.parked") == 1


def test_what_is_not_pending_can_neither_be_tried_nor_left_out(
    db: psycopg.Connection, shop: Books, parked: object
) -> None:
    db.execute(SKIP, [parked, "x"])
    for event_id in (parked, "00000000-0000-7000-8000-000000000000", None):
        throws(db, NOT_PENDING, RETRY, [event_id])
        throws(db, NOT_PENDING, SKIP, [event_id, "x"])


def test_operators_need_the_permission(db: psycopg.Connection, shop: Books, parked: object) -> None:
    token = value(
        db,
        "SELECT identity.issue_token(%s, 'staff', p_permissions => '{ledger.post}')",
        [shop.tenant_id],
    )
    db.execute("SELECT set_config('pgerp.token', %s, false)", [token])
    throws(db, NO_PERMISSION, RETRY, [parked])
    throws(db, NO_PERMISSION, SKIP, [parked, "x"])


def test_another_business_decides_nothing(
    db: psycopg.Connection, shop: Books, parked: object
) -> None:
    db.execute("UPDATE events.pending SET business_id = %s", [shop.business_id])
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    token = value(db, "SELECT identity.issue_token(%s, 'bob', %s)", [shop.tenant_id, f"{{{side}}}"])
    db.execute("SELECT set_config('pgerp.token', %s, false)", [token])
    throws(db, NOT_PENDING, RETRY, [parked])
    throws(db, NOT_PENDING, SKIP, [parked, "x"])
    with as_role(db, "pgerp_app"):
        is_empty(db, "SELECT FROM events.parked")
