"""core.create_year_partitions: the store has partitions ahead, and strays come into theirs."""

from __future__ import annotations

import psycopg
import pytest

from tests.events.support import emit, open_shop
from tests.pgtap import as_role, results_eq, throws, value
from tests.years import NEXT, THIS_YEAR

CREATE = "SELECT * FROM core.create_year_partitions('events.event_store', %s)"
FAR = "SELECT core.uuid_v7_floor(make_timestamptz(%s, 6, 1, 0, 0, 0, 'UTC'))"
NEW = f"events.event_store_{NEXT}"


def test_partitions_are_made_once(db: psycopg.Connection) -> None:
    results_eq(db, CREATE, [(NEXT, 0)], [3])
    results_eq(db, CREATE, [], [3])


def test_a_stray_comes_into_the_partition_of_its_year(db: psycopg.Connection) -> None:
    shop = open_shop(db)
    emit(db, shop)
    stray = value(db, FAR, [NEXT])
    db.execute("SET session_replication_role = replica")
    db.execute(
        "INSERT INTO events.event_store (tenant_id, id, source_service, event_type,"
        " aggregate_type, aggregate_id, aggregate_version, payload, occurred_at, actor,"
        " correlation_id) SELECT tenant_id, %s, source_service, event_type, aggregate_type,"
        " aggregate_id, 2, payload, occurred_at, actor, correlation_id FROM events.event_store",
        [stray],
    )
    db.execute("SET session_replication_role = origin")
    where = "SELECT tableoid::regclass::text FROM events.event_store WHERE id = %s"
    assert value(db, where, [stray]) == "events.event_store_default"
    results_eq(db, CREATE, [(NEXT, 1)], [3])
    assert value(db, where, [stray]) == NEW


def test_a_new_partition_is_guarded_as_its_siblings(db: psycopg.Connection) -> None:
    db.execute(CREATE, [3])
    throws(db, "ZE005", f"TRUNCATE {NEW}")
    assert value(
        db,
        "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
        [NEW],
    )
    emit(db, open_shop(db))
    with as_role(db, "pgerp_app"):
        throws(db, "42501", f"SELECT FROM {NEW}")


@pytest.mark.parametrize("ahead", [-1, 51, None])
def test_an_odd_number_of_years_is_refused(db: psycopg.Connection, ahead: int | None) -> None:
    throws(db, "22023", CREATE, [ahead])


@pytest.mark.parametrize("table", ["events.pending", f"events.event_store_{THIS_YEAR}", None])
def test_a_table_that_is_not_partitioned_by_year_is_refused(
    db: psycopg.Connection, table: str | None
) -> None:
    throws(db, "22023", "SELECT * FROM core.create_year_partitions(%s::regclass)", [table])
