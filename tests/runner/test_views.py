"""Views as files: what depends on a changed view is dropped with it and comes back with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp import catalog
from pgerp.errors import PgerpError
from tests.runner.tiny import Files, Tiny, function, paths


@pytest.fixture
def tiny(tmp_path: Path, empty_database: str) -> Iterator[Tiny]:
    """items ← base ← stored (materialized) ← top; other stands alone."""
    with Tiny(tmp_path, empty_database) as project:
        project.run("CREATE TABLE app.items (id integer PRIMARY KEY, note text)")
        project.run("INSERT INTO app.items VALUES (1, 'one'), (2, 'two')")
        project.write(
            "views/app/base.sql",
            """
            CREATE VIEW app.base WITH (security_invoker = true) AS SELECT id FROM app.items;
            COMMENT ON VIEW app.base IS 'The base.';
            """,
        )
        project.write(
            "views/app/stored.sql",
            """
            -- requires: app.base
            CREATE MATERIALIZED VIEW app.stored AS SELECT id FROM app.base;
            CREATE UNIQUE INDEX stored_id_idx ON app.stored (id);
            COMMENT ON MATERIALIZED VIEW app.stored IS 'The stored.';
            """,
        )
        project.write(
            "views/app/a_top.sql",
            """
            -- requires: app.stored
            CREATE VIEW app.a_top AS SELECT id FROM app.stored;
            COMMENT ON VIEW app.a_top IS 'The top.';
            COMMENT ON COLUMN app.a_top.id IS 'The id.';
            """,
        )
        project.write("views/app/other.sql", "CREATE VIEW app.other AS SELECT id FROM app.items;")
        project.apply()
        yield project


CHANGED_BASE = """
CREATE VIEW app.base WITH (security_invoker = true) AS SELECT id, note FROM app.items WHERE id > 1;
COMMENT ON VIEW app.base IS 'The base.';
"""


def oids(tiny: Tiny) -> dict[str, int]:
    rows = tiny.conn.execute(
        "SELECT relname, oid::bigint FROM pg_class"
        " WHERE relnamespace = 'app'::regnamespace AND relkind IN ('v', 'm', 'i')"
    )
    return {str(name): int(oid) for name, oid in rows}


def test_views_come_in_the_order_of_their_requires_headers(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("views/app/a.sql", "-- requires: app.c, app.b\nCREATE VIEW app.a AS SELECT 1;")
    files.write("views/app/b.sql", "-- requires: app.c\nCREATE VIEW app.b AS SELECT 1;")
    files.write("views/app/c.sql", "CREATE VIEW app.c AS SELECT 1;")
    assert [file.name for file in files.files()] == ["app.c", "app.b", "app.a"]


def test_what_a_view_mentions_needs_no_header(tiny: Tiny) -> None:
    tiny.write("views/app/zero.sql", "CREATE VIEW app.zero AS SELECT 0 AS n;")
    tiny.write("views/app/aaa.sql", "CREATE VIEW app.aaa AS SELECT n FROM app.zero;")
    assert paths(tiny.apply().applied) == ["views/app/zero.sql", "views/app/aaa.sql"]


def test_a_view_that_comes_too_early_is_told_the_header_that_it_lacks(tiny: Tiny) -> None:
    tiny.write("views/app/zero.sql", "CREATE VIEW app.zero AS SELECT 0 AS n;")
    tiny.write("views/app/aaa.sql", 'CREATE VIEW app.aaa AS SELECT n FROM "app"."zero";')
    with pytest.raises(PgerpError) as failure:
        tiny.apply()
    assert failure.value.sqlstate == "42P01"
    assert "-- requires: app.zero" in str(failure.value.hint)


def test_a_changed_view_takes_only_its_dependents_with_it(tiny: Tiny) -> None:
    before = oids(tiny)
    tiny.write("views/app/base.sql", CHANGED_BASE)
    result = tiny.apply()
    assert paths(result.applied) == ["views/app/base.sql"]
    assert paths(result.recreated) == ["views/app/stored.sql", "views/app/a_top.sql"]
    after = oids(tiny)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] == before[name]} == {"other", "items_pkey"}
    assert tiny.value("SELECT array_agg(id) FROM app.a_top") == [2]
    assert tiny.pending() == []


def test_dependents_come_back_exactly_as_they_were(tiny: Tiny) -> None:
    tiny.run(
        """
        GRANT SELECT ON app.base TO PUBLIC;
        GRANT SELECT ON app.stored TO pg_monitor WITH GRANT OPTION;
        GRANT SELECT (id) ON app.a_top TO pg_read_all_stats;
        REVOKE INSERT, TRUNCATE ON app.a_top FROM postgres;
        """
    )
    before = catalog.snapshot(tiny.conn)
    tiny.write("views/app/base.sql", CHANGED_BASE)
    tiny.apply()
    differences = catalog.diff(before, catalog.snapshot(tiny.conn))
    assert {difference.object for difference in differences} == {
        "view app.base",
        "column app.base.note",
    }
    assert before["privileges on column app.a_top.id"] == "pg_read_all_stats: SELECT"
    assert before["comment on column app.a_top.id"] == "The id."


def test_an_unchanged_materialized_view_is_not_rebuilt(tiny: Tiny) -> None:
    before = oids(tiny)["stored"]
    tiny.write("views/app/a_top.sql", "CREATE VIEW app.a_top AS SELECT id + 1 AS id FROM app.base;")
    assert paths(tiny.apply().applied) == ["views/app/a_top.sql"]
    assert oids(tiny)["stored"] == before


def test_a_view_dropped_by_a_migration_comes_back(tiny: Tiny) -> None:
    before = catalog.snapshot(tiny.conn)
    tiny.run("DROP VIEW app.a_top; DROP MATERIALIZED VIEW app.stored")
    assert tiny.pending() == ["views/app/stored.sql", "views/app/a_top.sql"]
    tiny.apply(migrated=True)
    assert catalog.snapshot(tiny.conn) == before


def test_a_view_that_becomes_materialized_is_made_anew(tiny: Tiny) -> None:
    tiny.write(
        "views/app/base.sql", "CREATE MATERIALIZED VIEW app.base AS SELECT id FROM app.items;"
    )
    tiny.apply()
    assert tiny.value("SELECT relkind::text FROM pg_class WHERE oid = 'app.base'::regclass") == "m"
    assert tiny.pending() == []
    assert tiny.apply().removed == []


def test_a_view_whose_requirements_turn_round_is_made_anew(tiny: Tiny) -> None:
    tiny.write(
        "views/app/base.sql",
        "-- requires: app.other\nCREATE VIEW app.base AS SELECT id FROM app.other;",
    )
    tiny.apply()
    tiny.write("views/app/base.sql", "CREATE VIEW app.base AS SELECT id FROM app.items;")
    tiny.write(
        "views/app/other.sql",
        "-- requires: app.base\nCREATE VIEW app.other AS SELECT id FROM app.base;",
    )
    tiny.apply()
    assert tiny.pending() == []


@pytest.mark.parametrize(
    ("stranger", "name"),
    [
        ("CREATE VIEW app.stranger AS SELECT id FROM app.stored", "app.stranger"),
        (
            "CREATE FUNCTION app.stranger() RETURNS SETOF app.a_top LANGUAGE sql AS 'SELECT 1'",
            "app.stranger()",
        ),
        ("CREATE TABLE app.stranger (row app.base)", "app.stranger"),
        (
            "CREATE POLICY stranger ON app.items USING (id IN (SELECT id FROM app.base))",
            "stranger",
        ),
    ],
    ids=["view", "function", "column", "policy"],
)
def test_a_dependent_that_is_in_no_file_is_named_and_nothing_changes(
    tiny: Tiny, stranger: str, name: str
) -> None:
    tiny.run(stranger)
    before = catalog.snapshot(tiny.conn)
    tiny.write("views/app/base.sql", CHANGED_BASE)
    with pytest.raises(PgerpError) as failure:
        tiny.apply()
    assert name in failure.value.message
    assert failure.value.sqlstate == "2BP01"
    assert catalog.snapshot(tiny.conn) == before


def test_triggers_of_a_remade_view_come_back(tiny: Tiny) -> None:
    tiny.write(
        "functions/app/insert_item.sql",
        "CREATE OR REPLACE FUNCTION app.insert_item() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN INSERT INTO app.items (id) VALUES (NEW.id); RETURN NEW; END $$;",
    )
    tiny.write(
        "sql/triggers/app/a_top.sql",
        "CREATE OR REPLACE TRIGGER a_top_insert INSTEAD OF INSERT ON app.a_top"
        " FOR EACH ROW EXECUTE FUNCTION app.insert_item();",
    )
    tiny.apply()
    tiny.write("views/app/base.sql", CHANGED_BASE)
    tiny.apply()
    tiny.run("INSERT INTO app.a_top VALUES (7)")
    assert tiny.value("SELECT count(*) FROM app.items WHERE id = 7") == 1


def test_a_view_and_a_function_of_one_name_are_changed_and_dropped_apart(tiny: Tiny) -> None:
    tiny.write("functions/app/other.sql", function("other"))
    tiny.apply()
    tiny.write("functions/app/other.sql", function("other", "SELECT n FROM app.gone"))
    assert [str(r.name) for r in tiny.files()].count("app.other") == 2
    result = tiny.apply(tolerate_missing=True)
    assert list(result.skipped) == ["tiny:functions/app/other.sql"]
    left = catalog.snapshot(tiny.conn)
    assert "function app.other()" not in left
    assert "view app.other" in left
    tiny.write("functions/app/other.sql", function("other"))
    tiny.write("views/app/other.sql", "CREATE VIEW app.other AS SELECT note FROM app.items;")
    tiny.apply()
    assert tiny.value("SELECT app.other()") == 1
    tiny.drop_all()
    assert not [key for key in catalog.snapshot(tiny.conn) if "app.other" in key]


def test_dropping_everything_leaves_tables_and_makes_all_files_pending(tiny: Tiny) -> None:
    before = catalog.snapshot(tiny.conn)
    tiny.drop_all()
    kinds = {key.split(" ")[0] for key in catalog.snapshot(tiny.conn) if " app." in key}
    assert kinds.isdisjoint({"view", "materialized", "function", "trigger"})
    assert len(tiny.pending()) == len(tiny.files())
    tiny.apply()
    assert catalog.snapshot(tiny.conn) == before
