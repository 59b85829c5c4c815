"""The catalog as text: equal for equal databases, and every kind of difference has a name."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import psycopg
import pytest

from pgerp import catalog
from pgerp.db import connect

SCHEMA = """
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'The schema.';
CREATE TYPE app.mood AS ENUM ('glad', 'sad');
CREATE DOMAIN app.money AS numeric(20, 4) CONSTRAINT money_check CHECK (value < 1000);
CREATE TYPE app.pair AS (x integer, y text);
CREATE TYPE app.span AS RANGE (subtype = numeric);
CREATE SEQUENCE app.numbers INCREMENT 5;
CREATE TABLE app.parents (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL DEFAULT 'none',
    amount app.money,
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
    CONSTRAINT parents_pkey PRIMARY KEY (id),
    CONSTRAINT parents_code_check CHECK (code <> ''),
    CONSTRAINT parents_code_key UNIQUE (code)
);
COMMENT ON TABLE app.parents IS 'The parents.';
COMMENT ON COLUMN app.parents.code IS 'The code.';
CREATE INDEX parents_amount_idx ON app.parents (amount) WHERE amount > 0;
CREATE TABLE app.children (
    id bigint, parent_id bigint,
    CONSTRAINT children_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES app.parents (id)
) PARTITION BY RANGE (id);
CREATE TABLE app.children_1 PARTITION OF app.children FOR VALUES FROM (0) TO (1000);
CREATE INDEX children_parent_id_idx ON app.children (parent_id);
CREATE FUNCTION app.answer(p_of text DEFAULT 'all') RETURNS integer LANGUAGE sql AS 'SELECT 42';
COMMENT ON FUNCTION app.answer IS 'The answer.';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE app.act() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE VIEW app.codes WITH (security_invoker = true) AS SELECT id, code FROM app.parents;
CREATE MATERIALIZED VIEW app.stored AS SELECT id, code FROM app.codes;
CREATE UNIQUE INDEX stored_id_idx ON app.stored (id);
CREATE TRIGGER touch BEFORE UPDATE ON app.children FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.parents ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.parents FOR SELECT USING (id > 0);
CREATE STATISTICS app.both_columns ON id, code FROM app.parents;
GRANT SELECT ON app.parents TO pg_monitor;
GRANT UPDATE (code) ON app.parents TO pg_monitor;
REVOKE EXECUTE ON FUNCTION app.answer FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO pg_monitor;
CREATE PUBLICATION app_parents FOR TABLE app.parents (id, code) WHERE (id > 3);
"""

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


def test_column_order_is_told_once_and_not_when_a_column_is_missing(
    conn: psycopg.Connection,
) -> None:
    before = catalog.snapshot(conn)
    conn.execute("ALTER TABLE app.children ADD COLUMN note text")
    added = catalog.diff(before, catalog.snapshot(conn))
    assert [one.object for one in added] == [
        "column app.children.note",
        "column app.children_1.note",
    ]
    swapped = {**before, "column order of app.parents": "code, id, amount, twice"}
    assert [one.object for one in catalog.diff(before, swapped)] == ["column order of app.parents"]


CHANGES = [
    ("CREATE TABLE app.more (i integer)", "extra table app.more"),
    ("DROP TABLE app.children", "missing table app.children"),
    ("ALTER TABLE app.parents FORCE ROW LEVEL SECURITY", "changed table app.parents"),
    ("ALTER TABLE app.parents SET (fillfactor = 70)", "changed table app.parents"),
    ("ALTER TABLE app.children_1 SET UNLOGGED", "changed table app.children_1"),
    ("ALTER TABLE app.parents REPLICA IDENTITY FULL", "changed table app.parents"),
    ("ALTER TABLE app.children_1 OWNER TO pg_monitor", "changed table app.children_1"),
    ("ALTER TABLE app.children DETACH PARTITION app.children_1", "changed table app.children_1"),
    ("ALTER TABLE app.parents ADD COLUMN more text", "extra column app.parents.more"),
    ("ALTER TABLE app.parents DROP COLUMN twice", "missing column app.parents.twice"),
    (
        "ALTER TABLE app.children ALTER parent_id TYPE integer",
        "changed column app.children.parent_id",
    ),
    ("ALTER TABLE app.parents ALTER code DROP NOT NULL", "changed column app.parents.code"),
    ("ALTER TABLE app.parents ALTER code SET DEFAULT 'x'", "changed column app.parents.code"),
    ("ALTER TABLE app.parents ALTER code DROP DEFAULT", "changed column app.parents.code"),
    ("ALTER TABLE app.parents ALTER amount SET DEFAULT 1", "changed column app.parents.amount"),
    ("ALTER TABLE app.parents ALTER id SET GENERATED BY DEFAULT", "changed column app.parents.id"),
    ("ALTER TABLE app.parents ALTER id SET CACHE 9", "changed column app.parents.id"),
    (
        "ALTER TABLE app.parents ADD CONSTRAINT more CHECK (id > 0)",
        "extra constraint more on app.parents",
    ),
    (
        "ALTER TABLE app.parents DROP CONSTRAINT parents_code_check",
        "missing constraint parents_code_check on app.parents",
    ),
    (
        "ALTER TABLE app.children ALTER CONSTRAINT children_parent_id_fkey DEFERRABLE",
        "changed constraint children_parent_id_fkey on app.children",
    ),
    (
        (
            "ALTER TABLE app.parents DROP CONSTRAINT parents_code_check;"
            "ALTER TABLE app.parents ADD CONSTRAINT parents_code_check CHECK (code <> '') NOT VALID"
        ),
        "changed constraint parents_code_check on app.parents",
    ),
    (
        "ALTER DOMAIN app.money DROP CONSTRAINT money_check",
        "missing constraint money_check on domain app.money",
    ),
    ("CREATE INDEX more_idx ON app.parents (code)", "extra index more_idx on app.parents"),
    ("DROP INDEX app.parents_amount_idx", "missing index parents_amount_idx on app.parents"),
    (
        "DROP INDEX app.parents_amount_idx;CREATE INDEX parents_amount_idx ON app.parents (amount)",
        "changed index parents_amount_idx on app.parents",
    ),
    (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.stored_id_idx'::regclass",
        "changed index stored_id_idx on app.stored",
    ),
    (
        "CREATE FUNCTION app.more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "extra function app.more()",
    ),
    ("DROP FUNCTION app.answer", "missing function app.answer(text)"),
    (
        (
            "CREATE OR REPLACE FUNCTION app.answer(p_of text DEFAULT 'all') RETURNS integer"
            " LANGUAGE sql AS 'SELECT 43'"
        ),
        "changed function app.answer(text)",
    ),
    ("ALTER FUNCTION app.answer SECURITY DEFINER", "changed function app.answer(text)"),
    ("ALTER FUNCTION app.answer SET work_mem = '1MB'", "changed function app.answer(text)"),
    ("ALTER FUNCTION app.answer OWNER TO pg_monitor", "changed function app.answer(text)"),
    ("DROP PROCEDURE app.act", "missing procedure app.act()"),
    ("DROP AGGREGATE app.total(integer)", "missing aggregate app.total(integer)"),
    (
        "CREATE TRIGGER more AFTER DELETE ON app.parents EXECUTE FUNCTION app.touch()",
        "extra trigger more on app.parents",
    ),
    ("DROP TRIGGER touch ON app.children", "missing trigger touch on app.children"),
    (
        (
            "CREATE OR REPLACE TRIGGER touch BEFORE INSERT ON app.children"
            " FOR EACH ROW EXECUTE FUNCTION app.touch()"
        ),
        "changed trigger touch on app.children",
    ),
    ("ALTER TABLE app.children DISABLE TRIGGER touch", "changed trigger touch on app.children"),
    ("CREATE POLICY more ON app.parents USING (true)", "extra policy more on app.parents"),
    ("DROP POLICY own ON app.parents", "missing policy own on app.parents"),
    ("ALTER POLICY own ON app.parents USING (id > 1)", "changed policy own on app.parents"),
    ("ALTER POLICY own ON app.parents TO pg_monitor", "changed policy own on app.parents"),
    ("GRANT INSERT ON app.parents TO PUBLIC", "changed privileges on table app.parents"),
    ("REVOKE SELECT ON app.parents FROM pg_monitor", "changed privileges on table app.parents"),
    (
        "GRANT SELECT ON app.parents TO pg_monitor WITH GRANT OPTION",
        "changed privileges on table app.parents",
    ),
    (
        "REVOKE UPDATE (code) ON app.parents FROM pg_monitor",
        "missing privileges on column app.parents.code",
    ),
    ("GRANT SELECT (id) ON app.parents TO PUBLIC", "extra privileges on column app.parents.id"),
    (
        "GRANT EXECUTE ON FUNCTION app.answer TO PUBLIC",
        "changed privileges on function app.answer(text)",
    ),
    ("REVOKE USAGE ON TYPE app.mood FROM PUBLIC", "changed privileges on enum app.mood"),
    ("GRANT USAGE ON SCHEMA app TO PUBLIC", "changed privileges on schema app"),
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE SELECT ON TABLES FROM pg_monitor",
        "missing default privileges of postgres in schema app on tables",
    ),
    ("COMMENT ON TABLE app.children IS 'x'", "extra comment on table app.children"),
    ("COMMENT ON COLUMN app.parents.code IS NULL", "missing comment on column app.parents.code"),
    ("COMMENT ON FUNCTION app.answer IS 'x'", "changed comment on function app.answer(text)"),
    (
        "COMMENT ON CONSTRAINT parents_pkey ON app.parents IS 'x'",
        "extra comment on constraint parents_pkey on app.parents",
    ),
    ("DROP VIEW app.codes CASCADE", "missing view app.codes"),
    (
        "CREATE OR REPLACE VIEW app.codes AS SELECT id, code FROM app.parents",
        "changed view app.codes",
    ),
    ("DROP MATERIALIZED VIEW app.stored", "missing materialized view app.stored"),
    ("ALTER TYPE app.mood RENAME VALUE 'sad' TO 'low'", "changed enum app.mood"),
    ("ALTER TYPE app.pair ADD ATTRIBUTE z text", "changed type app.pair"),
    ("ALTER DOMAIN app.money SET DEFAULT 3", "changed domain app.money"),
    ("ALTER SEQUENCE app.numbers INCREMENT 7", "changed sequence app.numbers"),
    ("ALTER SCHEMA app OWNER TO pg_monitor", "changed schema app"),
    ("CREATE SCHEMA more", "extra schema more"),
    ("DROP STATISTICS app.both_columns", "missing statistics app.both_columns"),
    ("ALTER PUBLICATION app_parents SET TABLE app.parents", "changed publication app_parents"),
    (
        "CREATE RULE more AS ON DELETE TO app.parents DO ALSO NOTHING",
        "extra rule more on app.parents",
    ),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[e for _, e in CHANGES])
def test_each_kind_of_difference_is_named(
    conn: psycopg.Connection, change: str, expected: str
) -> None:
    before = catalog.snapshot(conn)
    conn.execute(change.encode())
    found = catalog.diff(before, catalog.snapshot(conn))
    told = [f"{one.kind} {one.object}" for one in found]
    assert expected in told
    backward = catalog.diff(catalog.snapshot(conn), before)
    mirrored = {"missing": "extra", "extra": "missing", "changed": "changed"}
    assert [f"{mirrored[one.kind]} {one.object}" for one in backward] == told


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DROP TABLE app.children", ["table app.children", "table app.children_1"]),
        ("ALTER TABLE app.children DROP COLUMN parent_id", None),
        ("CREATE TABLE app.more (id integer PRIMARY KEY)", ["table app.more"]),
        ("DROP FUNCTION app.answer", ["function app.answer(text)"]),
    ],
)
def test_what_goes_with_its_object_is_not_told_again(
    conn: psycopg.Connection, change: str, expected: list[str] | None
) -> None:
    before = catalog.snapshot(conn)
    conn.execute(change.encode())
    found = [one.object for one in catalog.diff(before, catalog.snapshot(conn))]
    assert found == (
        expected
        or [
            "column app.children.parent_id",
            "column app.children_1.parent_id",
            "constraint children_parent_id_fkey on app.children",
            "index children_parent_id_idx on app.children",
        ]
    )


def test_names_that_need_quotes_have_parents_too(conn: psycopg.Connection) -> None:
    before = catalog.snapshot(conn)
    conn.execute(
        'CREATE TABLE app."odd.na me" ("a b" integer, CONSTRAINT "c on d" CHECK ("a b" > 0));'
        'COMMENT ON COLUMN app."odd.na me"."a b" IS \'x\''
    )
    found = catalog.diff(before, catalog.snapshot(conn))
    assert [one.object for one in found] == ['table app."odd.na me"']
