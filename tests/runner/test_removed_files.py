"""Files that are gone, and dropping all that files define so that migrations can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp import catalog, repeatables
from pgerp.errors import PgerpError
from tests.runner.tiny import Tiny, paths


@pytest.fixture
def tiny(tmp_path: Path, empty_database: str) -> Iterator[Tiny]:
    with Tiny(tmp_path, empty_database) as project:
        project.run("CREATE TABLE app.items (id integer PRIMARY KEY, note text)")
        project.write(
            "functions/app/tenant.sql",
            "CREATE OR REPLACE FUNCTION app.tenant() RETURNS integer LANGUAGE sql AS 'SELECT 1';",
        )
        project.write(
            "functions/app/add_item.sql",
            "CREATE OR REPLACE FUNCTION app.add_item(p_note text, p_t integer DEFAULT app.tenant())"
            " RETURNS void LANGUAGE sql AS $$ INSERT INTO app.items VALUES (p_t, p_note) $$;",
        )
        project.write(
            "functions/app/touch.sql",
            "CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$;",
        )
        project.write(
            "functions/app/noted.sql",
            "-- requires: app.notes\nCREATE OR REPLACE FUNCTION app.noted() RETURNS SETOF app.notes"
            " LANGUAGE sql AS 'SELECT note FROM app.notes';",
        )
        project.write("views/app/notes.sql", "CREATE VIEW app.notes AS SELECT note FROM app.items;")
        project.write(
            "views/app/ids.sql",
            "CREATE VIEW app.ids AS SELECT id, app.tenant() AS t FROM app.items;",
        )
        project.write(
            "sql/triggers/app/items.sql",
            """
            CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON app.items
            FOR EACH ROW EXECUTE FUNCTION app.touch();
            DO $$ BEGIN EXECUTE 'CREATE OR REPLACE TRIGGER looped BEFORE INSERT ON app.items '
                'FOR EACH ROW EXECUTE FUNCTION app.touch()'; END $$;
            """,
        )
        project.write(
            "sql/policies/items.sql",
            "DROP POLICY IF EXISTS own ON app.items;"
            "CREATE POLICY own ON app.items USING (id = app.tenant());",
        )
        project.write("sql/grants/app.sql", "GRANT SELECT ON app.notes TO PUBLIC;")
        project.apply()
        yield project


def removed(tiny: Tiny) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (entry.key.partition(":")[2], entry.objects)
        for entry in repeatables.removed(tiny.conn, tiny.files())
    ]


@pytest.mark.parametrize(
    ("path", "made", "drop"),
    [
        ("functions/app/add_item.sql", ("function app.add_item",), "DROP FUNCTION app.add_item"),
        ("views/app/ids.sql", ("view app.ids",), "DROP VIEW app.ids"),
        (
            "sql/triggers/app/items.sql",
            ("trigger touch on app.items",),
            "DROP TRIGGER touch ON app.items",
        ),
        ("sql/policies/items.sql", ("policy own on app.items",), "DROP POLICY own ON app.items"),
    ],
)
def test_a_removed_files_object_is_reported_until_a_migration_drops_it(
    tiny: Tiny, path: str, made: tuple[str, ...], drop: str
) -> None:
    tiny.remove(path)
    assert removed(tiny) == [(path, made)]
    result = tiny.apply(migrated=True)
    assert [entry.objects for entry in result.removed] == [made]
    assert result.applied == []
    tiny.run(drop)
    assert removed(tiny) == []
    tiny.apply(migrated=True)
    assert tiny.value(f"SELECT count(*) FROM pgerp.repeatables WHERE key LIKE '%:{path}'") == 0


def test_removed_grants_are_reported_until_the_next_migration(tiny: Tiny) -> None:
    tiny.remove("sql/grants/app.sql")
    assert removed(tiny) == [("sql/grants/app.sql", ())]
    tiny.apply()
    assert removed(tiny) == [("sql/grants/app.sql", ())]
    tiny.apply(migrated=True)
    assert removed(tiny) == []


def test_a_trigger_taken_out_of_its_file_is_reported(tiny: Tiny) -> None:
    tiny.write(
        "sql/triggers/app/items.sql",
        "CREATE OR REPLACE TRIGGER other BEFORE UPDATE ON app.items"
        " FOR EACH ROW EXECUTE FUNCTION app.touch();",
    )
    expected = [("sql/triggers/app/items.sql", ("trigger touch on app.items",))]
    assert removed(tiny) == expected
    tiny.apply()
    assert removed(tiny) == expected
    tiny.run("DROP TRIGGER touch ON app.items")
    assert removed(tiny) == []


def test_a_renamed_file_leaves_nothing_to_report(tiny: Tiny) -> None:
    tiny.write("sql/policies/more/items.sql", (tiny.root / "sql/policies/items.sql").read_text())
    tiny.remove("sql/policies/items.sql")
    assert removed(tiny) == []
    tiny.apply()
    assert tiny.value("SELECT count(*) FROM pgerp.repeatables WHERE kind = 'policy'") == 1


def test_dropping_everything_and_applying_again_gives_the_same_catalog(tiny: Tiny) -> None:
    before = catalog.snapshot(tiny.conn)
    tiny.drop_all()
    left = catalog.snapshot(tiny.conn)
    assert not [key for key in left if key.startswith(("function", "view", "trigger", "policy"))]
    tiny.apply()
    assert catalog.snapshot(tiny.conn) == before


def test_what_uses_a_repeatable_function_from_outside_the_files_is_named(tiny: Tiny) -> None:
    tiny.run("CREATE TABLE app.outside (id integer DEFAULT app.tenant())")
    before = catalog.snapshot(tiny.conn)
    with pytest.raises(PgerpError) as failure:
        tiny.drop_all()
    assert failure.value.sqlstate == "2BP01"
    assert "app.outside" in str(failure.value.detail)
    assert catalog.snapshot(tiny.conn) == before


def test_after_a_rollback_only_the_files_that_still_fit_come_back(tiny: Tiny) -> None:
    before = catalog.snapshot(tiny.conn)
    tiny.drop_all()
    tiny.run("ALTER TABLE app.items DROP COLUMN note")
    result = tiny.apply(migrated=True, tolerate_missing=True)
    skipped = {key.partition(":")[2] for key in result.skipped}
    assert skipped == {
        "functions/app/add_item.sql",
        "functions/app/noted.sql",
        "views/app/notes.sql",
        "sql/grants/app.sql",
    }
    assert tiny.has("app.ids")
    assert not tiny.has("app.add_item(text, integer)")
    assert set(tiny.pending()) == skipped
    tiny.run("ALTER TABLE app.items ADD COLUMN note text")
    assert set(paths(tiny.apply(migrated=True).applied)) == skipped
    after = catalog.snapshot(tiny.conn)
    assert after == before


def test_what_depends_on_a_function_that_no_longer_fits_goes_with_it(tiny: Tiny) -> None:
    tiny.write(
        "functions/app/count_notes.sql",
        "CREATE OR REPLACE FUNCTION app.count_notes() RETURNS bigint LANGUAGE sql AS"
        " 'SELECT count(note) FROM app.items';",
    )
    tiny.write("views/app/counted.sql", "CREATE VIEW app.counted AS SELECT app.count_notes() AS n;")
    tiny.apply()
    tiny.drop_all()
    tiny.run("ALTER TABLE app.items DROP COLUMN note")
    result = tiny.apply(migrated=True, tolerate_missing=True)
    assert {"tiny:functions/app/count_notes.sql", "tiny:views/app/counted.sql"} <= set(
        result.skipped
    )
    assert not tiny.has("app.counted")
    assert not tiny.has("app.count_notes()")


def test_a_missing_privilege_is_never_tolerated(tmp_path: Path, empty_database: str) -> None:
    with Tiny(tmp_path, empty_database, owner="pg_database_owner") as tiny:
        tiny.write("sql/grants/app.sql", "GRANT SELECT ON pg_catalog.pg_authid TO PUBLIC;")
        with pytest.raises(PgerpError) as failure:
            tiny.apply(tolerate_missing=True)
        assert failure.value.sqlstate == "42501"


def test_everything_is_dropped_as_the_role_that_owns_it(
    tmp_path: Path, empty_database: str
) -> None:
    with Tiny(tmp_path, empty_database, owner="pg_database_owner") as tiny:
        tiny.run(
            """
            GRANT ALL ON SCHEMA app TO pg_database_owner;
            CREATE TABLE app.items (id integer);
            ALTER TABLE app.items OWNER TO pg_database_owner;
            GRANT USAGE ON SCHEMA pgerp TO pg_monitor;
            GRANT ALL ON pgerp.repeatables TO pg_monitor;
            """
        )
        tiny.write(
            "functions/app/touch.sql",
            "CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NEW; END';",
        )
        tiny.write(
            "sql/triggers/app/items.sql",
            "CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON app.items"
            " FOR EACH ROW EXECUTE FUNCTION app.touch();",
        )
        tiny.write("views/app/ids.sql", "CREATE VIEW app.ids AS SELECT id FROM app.items;")
        tiny.apply()
        with tiny.conn.transaction():
            tiny.run("SET LOCAL ROLE pg_monitor")
            assert len(tiny.drop_all()) == 3
            assert tiny.value("SELECT current_user") == "pg_monitor"
        assert not tiny.has("app.ids")
