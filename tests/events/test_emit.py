"""events.emit: what happened is stored, and who is here acts upon it at once."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.events.support import PAYLOAD, emit, open_shop, seen
from tests.ledger.books import Books
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import THIS_YEAR

NO_TYPE, BAD_PAYLOAD, OTHER_VERSION, UNCHANGEABLE, BAD_TYPE, NEVER_EMPTIED = (
    "ZE001", "ZE002", "ZE004", "ZE005", "ZE008", "ZA001",
)  # fmt: skip
EMIT = "SELECT events.emit(%s, %s, 's-1', %s)"


@pytest.fixture
def shop(db: psycopg.Connection) -> Books:
    return open_shop(db)


def test_an_event_is_stored_with_who_did_it_and_where(db: psycopg.Connection, shop: Books) -> None:
    event_id = emit(db, shop)
    results_eq(
        db,
        "SELECT source_service, event_type, aggregate_type, aggregate_id, aggregate_version,"
        " payload, correlation_id, causation_id FROM events.event_store WHERE id = %s",
        [("pgerp", "shop.sold", "sale", "s-1", 1, PAYLOAD, str(event_id), None)],
        [event_id],
    )


def test_the_handler_that_is_here_acts_before_emit_returns(
    db: psycopg.Connection, shop: Books
) -> None:
    event_id = emit(db, shop)
    assert seen(db) == [("s-1", 1)]
    results_eq(
        db,
        "SELECT handler, event_id, result FROM events.processed_events",
        [("shop.note", event_id, {"noted": True})],
    )
    is_empty(db, "SELECT FROM events.pending")


def test_a_handler_that_fails_takes_the_event_with_it(db: psycopg.Connection, shop: Books) -> None:
    bad = '{"total": 1, "net": 1, "tax": 0, "note": "bad"}'
    throws(db, "22023", EMIT, [shop.tenant_id, "shop.sold", bad])
    is_empty(db, "SELECT FROM events.event_store")
    is_empty(db, "SELECT FROM shop.seen")
    is_empty(db, "SELECT FROM events.stream_heads")


def test_a_handler_whose_function_is_elsewhere_is_left_to_its_database(
    db: psycopg.Connection, shop: Books
) -> None:
    db.execute("INSERT INTO events.subscriptions VALUES ('shop.moved', 'depot.note')")
    emit(db, shop, event_type="shop.moved")
    is_empty(db, "SELECT FROM events.processed_events")


def test_the_events_of_an_aggregate_are_numbered_whatever_their_type(
    db: psycopg.Connection, shop: Books
) -> None:
    emit(db, shop)
    emit(db, shop, "s-2")
    emit(db, shop, event_type="shop.moved")
    results_eq(
        db,
        "SELECT event_type, aggregate_id, aggregate_version FROM events.event_store ORDER BY id",
        [("shop.sold", "s-1", 1), ("shop.sold", "s-2", 1), ("shop.moved", "s-1", 2)],
    )


def test_who_expects_another_version_is_refused(db: psycopg.Connection, shop: Books) -> None:
    emit(db, shop, expected=0)
    emit(db, shop, expected=1)
    for stale in (0, 1, 3):
        throws(
            db,
            OTHER_VERSION,
            "SELECT events.emit(%s, 'shop.moved', 's-1', '{}', p_expected_version => %s)",
            [shop.tenant_id, stale],
        )


@pytest.mark.parametrize("event_type", ["shop.bought", "", None])
def test_an_unknown_type_is_refused(
    db: psycopg.Connection, shop: Books, event_type: str | None
) -> None:
    throws(db, NO_TYPE, EMIT, [shop.tenant_id, event_type, "{}"])


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "[]",
        "{}",
        '{"total": 3, "net": 2}',
        '{"total": 3, "net": 2, "tax": 2}',
        '{"total": 3, "net": 4, "tax": -1}',
        '{"total": "3", "net": 2, "tax": 1}',
        '{"total": 3.001, "net": 2.001, "tax": 1}',
        '{"total": 3, "net": 2, "tax": 1, "tip": 1}',
        '{"total": 3, "net": 2, "tax": 1, "note": "too long a note"}',
    ],
)
def test_a_payload_that_breaks_the_contract_is_refused(
    db: psycopg.Connection, shop: Books, payload: str | None
) -> None:
    throws(db, BAD_PAYLOAD, EMIT, [shop.tenant_id, "shop.sold", payload])
    is_empty(db, "SELECT FROM events.event_store")


def test_amounts_keep_every_digit(db: psycopg.Connection, shop: Books) -> None:
    payload = '{"total": 9007199254740993.17, "net": 9007199254740993.07, "tax": 0.10}'
    db.execute(EMIT, [shop.tenant_id, "shop.sold", payload])
    results_eq(
        db,
        "SELECT payload ->> 'total', payload ->> 'tax' FROM events.event_store",
        [("9007199254740993.17", "0.10")],
    )


def test_what_follows_from_an_event_names_it_and_shares_its_correlation(
    db: psycopg.Connection, shop: Books
) -> None:
    db.execute("SELECT set_config('pgerp.correlation_id', 'request-9', true)")
    first = emit(db, shop)
    db.execute("SELECT set_config('pgerp.correlation_id', 'another', true)")
    db.execute(
        "SELECT events.emit(e.tenant_id, 'shop.moved', 's-2', '{}', p_cause => e)"
        " FROM events.event_store AS e"
    )
    results_eq(
        db,
        "SELECT correlation_id, causation_id FROM events.event_store WHERE aggregate_id = 's-2'",
        [("request-9", first)],
    )


@pytest.mark.parametrize("table", ["event_store", "processed_events"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_changes_what_happened(
    db: psycopg.Connection, shop: Books, table: str, verb: str
) -> None:
    emit(db, shop)
    statement = (
        verb.replace("actor = 'x'", "event_id = event_id") if table != "event_store" else verb
    )
    throws(db, UNCHANGEABLE, statement.format(f"events.{table}"))


@pytest.mark.parametrize("table", ["pending", "stream_heads"])
def test_what_waits_and_how_far_streams_are_is_not_emptied(
    db: psycopg.Connection, table: str
) -> None:
    throws(db, NEVER_EMPTIED, f"TRUNCATE events.{table}")


@pytest.mark.parametrize("partition", [f"event_store_{THIS_YEAR}", "event_store_default"])
def test_no_year_of_the_store_is_emptied(db: psycopg.Connection, partition: str) -> None:
    throws(db, UNCHANGEABLE, f"TRUNCATE events.{partition}")


@pytest.mark.parametrize(
    ("schema", "identities"),
    [
        ('{"type": "object", "oneOf": []}', "{}"),
        ('{"type": "object", "properties": {"a": {"$ref": "#"}}}', "{}"),
        ('{"type": "object", "properties": {"a": {"type": "array", "items": {"not": {}}}}}', "{}"),
        ('{"type": "object", "properties": {"a": {"format": "ipv4"}}}', "{}"),
        ('{"type": "object", "properties": {"a": {"type": "number"}}}', '{"a": ["a"]}'),
        ('{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}',
         '{"a": ["a"]}'),
        ('{"type": "object"}', '{"a": []}'),
        ('{"type": "object", "required": ["a"], "properties": {"a": {"type": "number"}}}',
         '{"a": "a"}'),
        ('{"type": "object", "required": ["a"], "properties": {"a": {"type": "number"}}}',
         '{"a": ["a", 1]}'),
    ],
)  # fmt: skip
def test_a_contract_that_nothing_would_check_is_refused(
    db: psycopg.Connection, schema: str, identities: str
) -> None:
    throws(
        db,
        BAD_TYPE,
        "INSERT INTO events.event_types (code, aggregate_type, description, payload_schema,"
        " identities) VALUES ('shop.sold', 'sale', 'Test', %s, %s)",
        [schema, identities],
    )


def test_no_client_emits_or_handles_by_itself(db: psycopg.Connection, shop: Books) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_worker"):
        with as_role(db, role):
            throws(db, "42501", EMIT, [shop.tenant_id, "shop.sold", "{}"])
            throws(db, "42501", "SELECT events.enter(%s, 'x')", [shop.tenant_id])
            throws(db, "42501", "INSERT INTO events.processed_events DEFAULT VALUES")


def test_two_who_emit_for_one_aggregate_wait_for_each_other(clone: str) -> None:
    with (
        connect(clone, autocommit=False) as first,
        connect(clone, autocommit=False) as second,
        connect(clone) as observer,
    ):
        shop = open_shop(first)
        first.commit()
        second.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(shop.tenant_id)])
        emit(first, shop)
        other = Background(second, lambda: emit(second, shop, expected=1))
        assert other.waits(observer)
        first.commit()
        assert other.result() is None
        second.commit()
        assert value(observer, "SELECT max(aggregate_version) FROM events.event_store") == 2
