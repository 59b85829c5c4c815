"""The assertion helpers themselves: each passes on the fact and fails without it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from pgerp.db import connect
from tests import pgtap

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE shop.size AS ENUM ('S', 'L');
CREATE TABLE shop.items (
    id integer CONSTRAINT items_pkey PRIMARY KEY,
    name text NOT NULL,
    price numeric(20, 4) CONSTRAINT items_price_check CHECK (price > 0),
    twin integer CONSTRAINT items_twin_fkey REFERENCES shop.items (id)
        ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE shop.items IS 'Things.';
CREATE INDEX items_name_idx ON shop.items (lower(name), id);
CREATE VIEW shop.names AS SELECT name FROM shop.items;
CREATE MATERIALIZED VIEW shop.prices AS SELECT price FROM shop.items;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER items_touch BEFORE INSERT ON shop.items FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE FUNCTION shop.twice(p_n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * p_n';
"""
# Each pair: what holds, and the same call made false.
FACTS: list[tuple[Callable[..., object], tuple[object, ...], tuple[object, ...]]] = [
    (pgtap.has_schema, ("shop",), ("shops",)),
    (pgtap.has_table, ("shop.items",), ("shop.names",)),
    (pgtap.has_view, ("shop.names",), ("shop.items",)),
    (pgtap.has_materialized_view, ("shop.prices",), ("shop.names",)),
    (pgtap.has_type, ("shop.size",), ("shop.colour",)),
    (pgtap.has_comment, ("shop.items",), ("shop.names",)),
    (pgtap.has_index, ("shop.items_name_idx",), ("shop.items",)),
    (
        pgtap.has_index,
        ("shop.items_name_idx", ["lower(name)", "id"]),
        ("shop.items_name_idx", ["id"]),
    ),
    (pgtap.has_column, ("shop.items", "name", "text"), ("shop.items", "name", "integer")),
    (pgtap.has_column, ("shop.items", "name"), ("shop.items", "nam")),
    (
        pgtap.has_constraint,
        ("shop.items", "items_pkey", "PRIMARY KEY (id)"),
        ("shop.items", "items_pkey", "PRIMARY KEY (name)"),
    ),
    (pgtap.has_constraint, ("shop.items", "items_pkey"), ("shop.items", "items_key")),
    (pgtap.has_trigger, ("shop.items", "items_touch"), ("shop.items", "touch")),
    (pgtap.has_function, ("shop.twice(integer)",), ("shop.twice(text)",)),
    (
        pgtap.has_function,
        ("shop.twice(integer)", "integer"),
        ("shop.twice(integer)", "text"),
    ),
    (
        pgtap.has_privilege,
        ("pg_database_owner", "CREATE", "schema public"),
        ("pg_monitor", "CREATE", "schema public"),
    ),
    (
        pgtap.lacks_privilege,
        ("pg_monitor", "SELECT", "table shop.items"),
        ("pg_read_all_data", "SELECT", "table shop.items"),
    ),
    (pgtap.results_eq, ("VALUES (1), (2)", [(1,), (2,)]), ("VALUES (1), (2)", [(2,), (1,)])),
    (pgtap.set_eq, ("VALUES (1), (2)", [(2,), (1,)]), ("VALUES (1), (1)", [(1,)])),
    (pgtap.is_empty, ("SELECT 1 WHERE false",), ("SELECT 1",)),
    (
        pgtap.throws,
        ("23502", "INSERT INTO shop.items VALUES (1, NULL)"),
        ("23502", "INSERT INTO shop.items VALUES (1, 'a', 0)"),
    ),
    (pgtap.throws, ("22012", "SELECT 1 / 0"), ("22012", "SELECT 1")),
]


@pytest.fixture
def shop(empty_database: str):
    with connect(empty_database, autocommit=False) as conn:
        conn.execute(SCHEMA)
        yield conn
        conn.rollback()


def test_each_assertion_passes_on_the_fact_and_fails_without_it(shop: psycopg.Connection) -> None:
    for check, true, false in FACTS:
        check(shop, *true)
        with pytest.raises(AssertionError):
            check(shop, *false)


def test_nullability_of_a_column_is_told(shop: psycopg.Connection) -> None:
    pgtap.has_column(shop, "shop.items", "name", nullable=False)
    with pytest.raises(AssertionError):
        pgtap.has_column(shop, "shop.items", "name", nullable=True)


def test_a_deferred_constraint_is_run_only_when_asked(shop: psycopg.Connection) -> None:
    statement = "INSERT INTO shop.items VALUES (1, 'a', 1, 99)"
    error = pgtap.throws(shop, "23503", statement, deferred=True)
    assert error.diag.constraint_name == "items_twin_fkey"
    pgtap.lives(shop, statement)


def test_a_disabled_trigger_does_not_count(shop: psycopg.Connection) -> None:
    shop.execute("ALTER TABLE shop.items DISABLE TRIGGER items_touch")
    with pytest.raises(AssertionError):
        pgtap.has_trigger(shop, "shop.items", "items_touch")


def test_a_role_is_taken_and_given_back(shop: psycopg.Connection) -> None:
    with pgtap.as_role(shop, "pg_monitor"):
        assert pgtap.value(shop, "SELECT current_user") == "pg_monitor"
        pgtap.throws(shop, "42501", "SELECT FROM shop.items")
    assert pgtap.value(shop, "SELECT current_user = session_user") is True
