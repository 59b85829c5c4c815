"""The catalog as text: complete, qualified, and equal for equal databases."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import psycopg
import pytest

from pgerp import catalog
from pgerp.db import connect
from tests.runner.sample_schema import SCHEMA

NewDatabase = Callable[[str | None], contextlib.AbstractContextManager[str]]


@pytest.fixture(scope="module")
def shared(new_database: NewDatabase) -> Iterator[psycopg.Connection]:
    with new_database(None) as url, connect(url) as conn:
        conn.execute(SCHEMA)
        yield conn


@pytest.fixture
def conn(shared: psycopg.Connection) -> Iterator[psycopg.Connection]:
    with shared.transaction(force_rollback=True):
        yield shared


def test_two_databases_made_from_the_same_files_have_equal_snapshots(
    shared: psycopg.Connection, empty_database: str
) -> None:
    with connect(empty_database) as other:
        # Other oids, and another order of creation.
        other.execute("CREATE TABLE public.waste (i integer); DROP TABLE public.waste")
        other.execute(
            "CREATE SCHEMA zero; CREATE TYPE zero.t AS ENUM ('a'); DROP SCHEMA zero CASCADE"
        )
        other.execute(SCHEMA)
        assert catalog.snapshot(other) == catalog.snapshot(shared)


def test_a_snapshot_has_every_kind_of_object(shared: psycopg.Connection) -> None:
    keys = catalog.snapshot(shared).keys()
    assert keys >= {
        "aggregate app.total(integer)",
        "column app.parents.code",
        "column order of app.parents",
        "comment on column app.parents.code",
        "comment on function app.answer(text)",
        "comment on schema app",
        "comment on table app.parents",
        "constraint children_parent_id_fkey on app.children",
        "constraint money_check on domain app.money",
        "constraint parents_code_check on app.parents",
        "constraint parents_code_key on app.parents",
        "constraint parents_pkey on app.parents",
        "default privileges of postgres in schema app on tables",
        "domain app.money",
        "enum app.mood",
        "extension plpgsql",
        "function app.answer(text)",
        "index children_parent_id_idx on app.children",
        "index parents_amount_idx on app.parents",
        "index stored_id_idx on app.stored",
        "materialized view app.stored",
        "policy own on app.parents",
        "privileges on column app.parents.code",
        "privileges on table app.parents",
        "procedure app.act()",
        "publication app_parents",
        "range app.span",
        "schema app",
        "sequence app.numbers",
        "statistics app.both_columns",
        "table app.children",
        "table app.children_1",
        "trigger touch on app.children",
        "type app.pair",
        "view app.codes",
    }


def test_not_null_is_told_by_the_column_on_every_version(shared: psycopg.Connection) -> None:
    found = catalog.snapshot(shared)
    assert found["column app.parents.code"] == "text NOT NULL DEFAULT 'none'::text"
    assert not [key for key in found if "not_null" in key]


def test_names_are_qualified_and_the_sessions_search_path_is_kept(
    conn: psycopg.Connection,
) -> None:
    conn.execute("SET LOCAL search_path = app, public")
    assert catalog.snapshot(conn)["view app.codes"].count("app.parents") == 1
    assert conn.execute("SHOW search_path").fetchone() == ("app, public",)


def test_what_belongs_to_extensions_or_to_the_migration_tools_is_left_out(
    conn: psycopg.Connection,
) -> None:
    before = catalog.snapshot(conn)
    conn.execute("CREATE SCHEMA pgerp; CREATE TABLE pgerp.migrations (id text)")
    conn.execute("CREATE TABLE public._yoyo_migration (id text PRIMARY KEY)")
    conn.execute("CREATE TEMPORARY TABLE passing (i integer)")
    assert catalog.snapshot(conn) == before


def test_a_snapshot_of_some_schemas_has_only_those(conn: psycopg.Connection) -> None:
    conn.execute("CREATE SCHEMA other; CREATE TABLE other.things (i integer)")
    keys = catalog.snapshot(conn, ["other"])
    assert "table other.things" in keys
    assert not [key for key in keys if " app." in key]


def test_a_snapshot_needs_no_privileges_on_the_objects(conn: psycopg.Connection) -> None:
    expected = catalog.snapshot(conn)
    conn.execute("SET LOCAL ROLE pg_monitor")
    assert catalog.snapshot(conn) == expected


def test_a_snapshot_runs_in_a_read_only_transaction(conn: psycopg.Connection) -> None:
    expected = catalog.snapshot(conn)
    conn.execute("SET TRANSACTION READ ONLY")
    assert catalog.snapshot(conn) == expected
