"""core.uuid_v7 and core.uuid_v7_floor: keys that order by time, by RFC 9562."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.pgtap import results_eq, throws, value
from tests.servers import Server

SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def milliseconds(key: uuid.UUID) -> int:
    return key.int >> 80


def made(db: psycopg.Connection, number: int) -> list[uuid.UUID]:
    query = "SELECT core.uuid_v7() FROM generate_series(1, %s)"
    return [key for (key,) in db.execute(query, [number])]


def test_a_key_says_that_it_is_of_version_7_and_of_the_rfc_s_variant(
    db: psycopg.Connection,
) -> None:
    assert [str(key) for key in made(db, 1000) if not SHAPE.fullmatch(str(key))] == []


def test_many_keys_are_all_different_and_order_by_time(db: psycopg.Connection) -> None:
    keys = made(db, 50_000)
    assert len(set(keys)) == 50_000
    times = [key.int >> 64 for key in keys]
    assert times == sorted(times)


def test_keys_of_one_millisecond_order_by_the_fraction_in_their_12_bits(
    db: psycopg.Connection,
) -> None:
    keys = made(db, 5000)
    assert len({milliseconds(key) for key in keys}) < 5000
    assert len({key.int >> 64 for key in keys}) > 4900
    assert len({key.int & (1 << 62) - 1 for key in keys}) == 5000


def test_the_time_in_a_key_is_when_it_was_made_to_the_millisecond(db: psycopg.Connection) -> None:
    before, key, after = db.execute(
        "WITH b AS MATERIALIZED (SELECT clock_timestamp() AS before)"
        " SELECT b.before, core.uuid_v7(), clock_timestamp() FROM b"
    ).fetchone()
    assert before - timedelta(milliseconds=1) < time_of(key) <= after


def time_of(key: uuid.UUID) -> datetime:
    return datetime.fromtimestamp(milliseconds(key) / 1000, UTC)


def test_two_sessions_never_make_the_same_key(db: psycopg.Connection, database_url: str) -> None:
    with psycopg.connect(database_url) as other:
        assert set(made(db, 1000)).isdisjoint(made(other, 1000))


def test_the_floor_of_the_rfc_s_example_has_its_time_and_no_other_bits(
    db: psycopg.Connection,
) -> None:
    results_eq(
        db,
        "SELECT core.uuid_v7_floor('2022-02-22 14:22:22-05')::text",
        [("017f22e2-79b0-7000-8000-000000000000",)],
    )


@pytest.mark.parametrize(
    ("at", "floor"),
    [
        ("1970-01-01 00:00:00Z", "00000000-0000-7000-8000-000000000000"),
        ("1970-01-01 00:00:00.0009Z", "00000000-0000-7000-8000-000000000000"),
        ("1970-01-01 00:00:00.001Z", "00000000-0001-7000-8000-000000000000"),
        ("2026-01-01 00:00:00Z", "019b76da-a800-7000-8000-000000000000"),
        ("9999-12-31 23:59:59.999Z", "e677d21f-dbff-7000-8000-000000000000"),
    ],
)
def test_a_floor_holds_whole_milliseconds(db: psycopg.Connection, at: str, floor: str) -> None:
    found = value(db, "SELECT core.uuid_v7_floor(%s::timestamptz)::text", [at])
    assert found == floor


def test_the_floor_of_nothing_is_null(db: psycopg.Connection) -> None:
    assert value(db, "SELECT core.uuid_v7_floor(NULL)") is None


@pytest.mark.parametrize(
    "at",
    ["1969-12-31 23:59:59.999Z", "10889-08-02 05:31:50.656Z", "infinity", "-infinity"],
)
def test_the_floor_of_an_instant_that_no_key_can_hold_is_refused(
    db: psycopg.Connection, at: str
) -> None:
    throws(db, "22008", "SELECT core.uuid_v7_floor(%s::timestamptz)", [at])


def test_a_key_lies_between_the_floors_of_its_millisecond_and_the_next(
    db: psycopg.Connection,
) -> None:
    query = """
        SELECT count(*)
        FROM (SELECT core.uuid_v7() AS key FROM generate_series(1, 1000) OFFSET 0) AS k
        CROSS JOIN LATERAL (
            SELECT ('x' || left(replace(k.key::text, '-', ''), 12))::bit(48)::bigint AS ms
        ) AS t
        WHERE k.key >= core.uuid_v7_floor(to_timestamp(t.ms / 1000.0))
            AND k.key < core.uuid_v7_floor(to_timestamp((t.ms + 1) / 1000.0))
    """
    assert value(db, query) == 1000


def test_the_server_s_own_function_is_used_where_it_has_one(
    db: psycopg.Connection, server: Server
) -> None:
    plan = db.execute("EXPLAIN (VERBOSE, COSTS OFF) SELECT core.uuid_v7()").fetchall()
    assert ("uuidv7()" in str(plan)) is (server.version >= 18)
