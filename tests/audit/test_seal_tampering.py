"""Whatever a superuser does to the sealed log with triggers disabled is found, and named."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgerp.sealchange import HEAD
from tests.audit.sealed import Log, attack, change, facts, found, honest, seal_log
from tests.pgtap import set_eq, value

COLUMNS = {
    "business_id": "7",
    "table_name": "'identity.roles'",
    "row_key": "row_key || ' '",
    "action": "'DELETE'",
    "actor": "'mallory'",
    "logged_at": "logged_at + interval '1 microsecond'",
    "address": "'10.0.0.1'",
    "application": "NULL",
    "user_agent": "''",
    "correlation_id": "'x'",
    "transaction_id": "'7'",
    "old_row": "'{}'",
    "new_row": 'new_row || \'{"name": "x"}\'',
}
SIDES = {
    "a value": 'new_row || \'{"subject": "carole"}\'',
    "a value to the marker": 'new_row || \'{"name": "[anonymised]"}\'',
    "a value to null": "new_row || '{\"name\": null}'",
    "a number to one that is equal": "new_row || '{\"tenant_id\": 1.0}'",
    "a text to a number": 'new_row || \'{"tenant_id": "1"}\'',
    "a column that was not there": "new_row || '{\"x\": null}'",
    "a column that is gone": "new_row - 'email'",
    "a column by another name": (
        "(new_row - 'name') || jsonb_build_object('nome', new_row -> 'name')"
    ),
    "no object": "'7'",
    "a list": "'[]'",
    "null": "'null'",
    "nothing": "NULL",
    "two values swapped": (
        "new_row || jsonb_build_object('name', new_row -> 'subject', 'subject', new_row -> 'name')"
    ),
}


@pytest.fixture(autouse=True)
def all_is_well(log: Log) -> Iterator[None]:
    yield
    assert found(log, log.file) == []


def test_a_log_that_nobody_touched_is_as_it_was_sealed(log: Log) -> None:
    assert found(log) == []
    assert found(log, log.file) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_named_by_its_row(log: Log, column: str) -> None:
    plain = log.rows["plain"]
    with attack(log) as conn:
        change(conn, plain, column, COLUMNS[column])
        for file in (None, log.file):
            assert facts(found(log, file)) == [("changed", plain)]


@pytest.mark.parametrize("what", SIDES)
def test_whatever_is_done_to_a_side_is_named_by_its_row(log: Log, what: str) -> None:
    plain = log.rows["plain"]
    with attack(log) as conn:
        change(conn, plain, "new_row", SIDES[what])
        assert facts(found(log)) == [("changed", plain)]


@pytest.mark.parametrize("name", ["made", "changed", "deleted", "shared", "late"])
def test_a_row_of_any_kind_that_is_changed_is_named(log: Log, name: str) -> None:
    with attack(log) as conn:
        change(conn, log.rows[name], "actor", "'mallory'")
        assert facts(found(log)) == [("changed", log.rows[name])]
        (one,) = found(log)
        assert one.seal_no == (2 if name == "late" else 1)
        assert "by mallory" in one.text


def test_every_column_of_the_log_is_sealed(db: psycopg.Connection) -> None:
    set_eq(
        db,
        "SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = 'audit.log'::regclass AND attnum > 0 AND NOT attisdropped",
        [(column,) for column in (*HEAD, "old_row", "new_row")],
    )
    assert set(COLUMNS) == {*HEAD, "old_row", "new_row"} - {"tenant_id", "id"}


def test_a_deleted_row_is_named(log: Log) -> None:
    for name in ("plain", "late", "shared"):
        with attack(log) as conn:
            conn.execute("DELETE FROM audit.log WHERE id = %s", [log.rows[name]])
            for file in (None, log.file):
                assert facts(found(log, file)) == [("deleted", log.rows[name])]


INSERT = """INSERT INTO audit.log (tenant_id, id, table_name, row_key, action, new_row, actor,
    logged_at, transaction_id)
SELECT l.tenant_id, {id}, l.table_name, l.row_key, l.action, l.new_row, 'mallory', l.logged_at, '7'
FROM audit.log AS l WHERE l.id = %s RETURNING id::text"""
BEFORE = "(left(l.id::text, 13) || '-7000-8000-000000000001')::uuid"


@pytest.mark.parametrize("anew", [False, True], ids=["unsealed", "and sealed"])
@pytest.mark.parametrize("name", ["plain", "shared"])
def test_a_row_slipped_into_sealed_time_is_named(log: Log, anew: bool, name: str) -> None:
    with attack(log) as conn:
        id = value(
            conn,
            INSERT.format(id="core.uuid_v7_floor(now() - interval '1 day')"),
            [log.rows[name]],
        )
        if anew:  # by the ordinary way it stays outside
            with honest(conn):
                seal_log(conn)
        for file in (None, log.file):
            assert facts(found(log, file)) == [("inserted", id)]


def test_a_row_slipped_in_under_a_seal_that_was_made_to_cover_it_is_named(log: Log) -> None:
    with attack(log) as conn:
        id = value(
            conn,
            INSERT.format(id="core.uuid_v7_floor(now() - interval '1 day')"),
            [log.rows["plain"]],
        )
        # As long as no seal is complete up to any time, the next one looks at all of them.
        conn.execute("UPDATE audit.seals SET complete_before = NULL")
        with honest(conn):
            seal_log(conn)
        conn.execute(
            "UPDATE audit.seals AS s SET complete_before = k.complete_before FROM kept.seals AS k"
            " WHERE k.tenant_id = s.tenant_id AND k.seal_no = s.seal_no"
        )
        assert facts(found(log)) == [("inserted", id)]


def test_a_row_slipped_in_and_written_into_a_seal_is_named(log: Log) -> None:
    with attack(log) as conn:
        id = value(conn, INSERT.format(id=BEFORE), [log.rows["late"]])
        conn.execute(
            "INSERT INTO audit.sealed_changes SELECT tenant_id, %s, seal_no, leaf_no + 1,"
            " leaf_hash, salt, openings FROM audit.sealed_changes WHERE log_id = %s",
            [id, log.rows["late"]],
        )
        assert {("altered", 2), ("changed", id)} <= set(facts(found(log)))


def test_rows_whose_contents_or_ids_were_swapped_are_named(log: Log) -> None:
    one, other = log.rows["plain"], log.rows["late"]
    with attack(log) as conn:
        conn.execute(
            "UPDATE audit.log AS l SET new_row = o.new_row FROM audit.log AS o"
            " WHERE (l.id, o.id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))",
            {"a": one, "b": other},
        )
        assert set(facts(found(log))) == {("changed", one), ("changed", other)}
