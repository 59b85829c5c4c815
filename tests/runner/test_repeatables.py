"""Functions, triggers, policies and grants as files that are applied whenever they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp import catalog
from pgerp.errors import PgerpError
from tests.runner.tiny import Tiny, function, paths


@pytest.fixture
def tiny(tmp_path: Path, empty_database: str) -> Iterator[Tiny]:
    with Tiny(tmp_path, empty_database) as project:
        project.run("CREATE TABLE app.items (id integer PRIMARY KEY, note text)")
        yield project


def trigger_function(name: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION app.{name}() RETURNS trigger\n"
        "LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN RETURN NEW; END $$;\n"
    )


def test_only_what_changed_is_applied_again(tiny: Tiny) -> None:
    tiny.write("functions/app/one.sql", function("one"))
    tiny.write("functions/app/two.sql", function("two"))
    assert paths(tiny.apply().applied) == ["functions/app/one.sql", "functions/app/two.sql"]
    before = tiny.value("SELECT xmin::text FROM pg_proc WHERE proname = 'two'")
    tiny.write("functions/app/one.sql", function("one", "SELECT 11"))
    assert paths(tiny.apply().applied) == ["functions/app/one.sql"]
    assert tiny.value("SELECT app.one()") == 11
    assert tiny.value("SELECT xmin::text FROM pg_proc WHERE proname = 'two'") == before


def test_a_second_run_finds_nothing_pending(tiny: Tiny) -> None:
    tiny.write("functions/app/touch.sql", trigger_function("touch"))
    tiny.write(
        "sql/triggers/app/items.sql",
        "CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON app.items"
        " FOR EACH ROW EXECUTE FUNCTION app.touch();",
    )
    tiny.write(
        "sql/policies/items.sql",
        "DROP POLICY IF EXISTS all_rows ON app.items;"
        "CREATE POLICY all_rows ON app.items USING (true);",
    )
    tiny.write("sql/grants/app.sql", "GRANT SELECT ON app.items TO PUBLIC;")
    assert len(tiny.apply().applied) == 4
    assert tiny.pending() == []
    assert tiny.apply().applied == []


def test_a_function_dropped_by_hand_comes_back_from_its_file(tiny: Tiny) -> None:
    tiny.write("functions/app/one.sql", function("one"))
    tiny.apply()
    tiny.run("DROP FUNCTION app.one()")
    assert tiny.pending() == ["functions/app/one.sql"]
    tiny.apply()
    assert tiny.value("SELECT obj_description('app.one()'::regprocedure)") == "The function one."


@pytest.mark.parametrize(
    "file",
    [
        function("broken", "SELECT nonsense FROM app.items"),
        (
            "CREATE OR REPLACE FUNCTION app.broken() RETURNS integer\n"
            "LANGUAGE plpgsql AS $$\nBEGIN\n    RETRUN 1;\nEND $$;\n"
        ),
    ],
    ids=["sql", "plpgsql"],
)
def test_a_broken_function_body_fails_the_deploy_and_changes_nothing(tiny: Tiny, file: str) -> None:
    tiny.write("functions/app/good.sql", function("good", "SELECT 1"))
    tiny.apply()
    before = catalog.snapshot(tiny.conn)
    tiny.write("functions/app/good.sql", function("good", "SELECT 2"))
    tiny.write("functions/app/broken.sql", file)
    with pytest.raises(PgerpError) as failure:
        tiny.apply()
    assert failure.value.sqlstate in ("42703", "42601")
    assert str(failure.value.where).startswith(str(tiny.root / "functions/app/broken.sql:"))
    assert catalog.snapshot(tiny.conn) == before
    assert len(tiny.pending()) == 2


def test_functions_may_call_each_other_in_any_order(tiny: Tiny) -> None:
    tiny.write("functions/app/a.sql", function("a", "SELECT app.b() + 1"))
    tiny.write("functions/app/b.sql", function("b", "SELECT n FROM app.numbers"))
    tiny.write("views/app/numbers.sql", "CREATE VIEW app.numbers AS SELECT app.c() AS n;")
    tiny.write("functions/app/c.sql", function("c", "SELECT 40"))
    tiny.apply()
    assert tiny.value("SELECT app.a()") == 41


def test_what_a_signature_mentions_is_applied_before_it(tiny: Tiny) -> None:
    tiny.write("views/app/numbers.sql", "CREATE VIEW app.numbers AS SELECT 1 AS n;")
    tiny.write("functions/app/z.sql", function("z", "SELECT 5"))
    tiny.write(
        "functions/app/all_numbers.sql",
        function("all_numbers", "SELECT n FROM app.numbers", returns="SETOF app.numbers"),
    )
    tiny.write(
        "functions/app/a.sql",
        "CREATE OR REPLACE FUNCTION app.a(p_n integer DEFAULT app.z()) RETURNS integer"
        " LANGUAGE sql AS 'SELECT p_n';",
    )
    assert [file.name for file in tiny.files()] == [
        "app.z",
        "app.a",
        "app.numbers",
        "app.all_numbers",
    ]
    tiny.apply()
    assert tiny.value("SELECT app.a()") == 5


def test_a_changed_signature_is_refused_and_changes_nothing(tiny: Tiny) -> None:
    tiny.write("functions/app/one.sql", function("one", arguments="p_a integer"))
    tiny.apply()
    tiny.write("functions/app/one.sql", function("one", arguments="p_a integer, p_b integer"))
    with pytest.raises(PgerpError) as failure:
        tiny.apply()
    assert failure.value.sqlstate == "42723"
    assert "DROP FUNCTION app.one" in str(failure.value.hint)
    assert tiny.value("SELECT count(*) FROM pg_proc WHERE proname = 'one'") == 1
    tiny.run("DROP FUNCTION app.one(integer)")
    tiny.apply(migrated=True)
    assert tiny.has("app.one(integer, integer)")


@pytest.mark.parametrize(
    "changed",
    [
        function("one", "SELECT 'x'", "p_a integer", "text"),
        function("one", arguments="p_other integer"),
    ],
    ids=["return type", "argument name"],
)
def test_what_create_or_replace_cannot_change_asks_for_a_migration(
    tiny: Tiny, changed: str
) -> None:
    tiny.write("functions/app/one.sql", function("one", arguments="p_a integer"))
    tiny.apply()
    tiny.write("functions/app/one.sql", changed)
    with pytest.raises(PgerpError) as failure:
        tiny.apply()
    assert failure.value.sqlstate == "42P13"
    assert "DROP FUNCTION app.one" in str(failure.value.hint)


def test_an_error_names_file_line_statement_and_sqlstate(tiny: Tiny) -> None:
    tiny.write(
        "sql/grants/app.sql",
        "GRANT SELECT ON app.items TO PUBLIC;\n\n-- Why.\nGRANT SELECT ON app.nothing TO PUBLIC;",
    )
    with pytest.raises(PgerpError) as failure:
        tiny.apply()
    assert failure.value.where == f"{tiny.root / 'sql/grants/app.sql'}:4"
    assert failure.value.sqlstate == "42P01"
    assert failure.value.statement == "GRANT SELECT ON app.nothing TO PUBLIC"


def test_files_that_follow_migrations_are_reapplied_after_one(tiny: Tiny) -> None:
    tiny.write(
        "sql/policies/all.sql",
        """
        -- reapply: migrations
        DO $$
        DECLARE v_table regclass;
        BEGIN
            FOR v_table IN SELECT oid FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'app'::regnamespace
            LOOP
                EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
            END LOOP;
        END $$;
        """,
    )
    tiny.write("sql/grants/once.sql", "GRANT SELECT ON app.items TO PUBLIC;")
    tiny.apply()
    tiny.run("CREATE TABLE app.later (id integer)")
    assert tiny.pending() == []
    assert tiny.pending(migrated=True) == ["sql/policies/all.sql"]
    assert paths(tiny.apply(migrated=True).applied) == ["sql/policies/all.sql"]
    assert tiny.value("SELECT relrowsecurity FROM pg_class WHERE oid = 'app.later'::regclass")


def test_grants_are_reapplied_for_a_function_that_comes_back(tiny: Tiny) -> None:
    tiny.write("functions/app/one.sql", function("one"))
    tiny.write("sql/grants/app.sql", "REVOKE EXECUTE ON FUNCTION app.one() FROM PUBLIC;")
    tiny.apply()
    tiny.run("DROP FUNCTION app.one()")
    tiny.apply()
    assert tiny.value("SELECT proacl::text FROM pg_proc WHERE proname = 'one'") is not None


def test_a_trigger_lost_with_its_table_comes_back(tiny: Tiny) -> None:
    tiny.write("functions/app/touch.sql", trigger_function("touch"))
    tiny.write(
        "sql/triggers/app/items.sql",
        "DROP TRIGGER IF EXISTS touch ON app.items;"
        "CREATE CONSTRAINT TRIGGER touch AFTER UPDATE ON app.items DEFERRABLE"
        " FOR EACH ROW EXECUTE FUNCTION app.touch();",
    )
    tiny.apply()
    tiny.run("DROP TABLE app.items; CREATE TABLE app.items (id integer)")
    assert tiny.pending() == ["sql/triggers/app/items.sql"]
    tiny.apply(migrated=True)
    assert tiny.value("SELECT count(*) FROM pg_trigger WHERE tgname = 'touch'") == 1


def test_objects_belong_to_the_projects_owner(tmp_path: Path, empty_database: str) -> None:
    with Tiny(tmp_path, empty_database, owner="pg_database_owner") as tiny:
        tiny.run("GRANT ALL ON SCHEMA app TO pg_database_owner")
        tiny.write("functions/app/one.sql", function("one"))
        tiny.apply()
        owner = tiny.value("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'one'")
        assert owner == "pg_database_owner"
        assert tiny.value("SELECT current_user = session_user")


def test_files_of_a_project_without_owner_run_as_the_session_itself(tiny: Tiny) -> None:
    tiny.run("GRANT ALL ON ALL TABLES IN SCHEMA pgerp TO pg_monitor")
    tiny.run("GRANT USAGE ON SCHEMA pgerp TO pg_monitor")
    tiny.write("functions/app/one.sql", function("one"))
    with tiny.conn.transaction():
        tiny.run("SET LOCAL ROLE pg_monitor")
        tiny.apply()
        assert tiny.value("SELECT current_user") == "pg_monitor"
    assert tiny.value(
        "SELECT proowner::regrole = session_user::regrole FROM pg_proc WHERE proname = 'one'"
    )


def test_each_file_is_announced_once_before_it_is_applied(tiny: Tiny) -> None:
    tiny.write("functions/app/one.sql", function("one"))
    tiny.write("views/app/numbers.sql", "CREATE VIEW app.numbers AS SELECT 1 AS n;")
    steps: list[str] = []
    tiny.apply(on_step=lambda file: steps.append(file.name))
    assert steps == ["app.one", "app.numbers"]


def test_pending_needs_no_tables_of_the_runner(tmp_path: Path, empty_database: str) -> None:
    with Tiny(tmp_path, empty_database) as tiny:
        tiny.run("DROP SCHEMA pgerp CASCADE")
        tiny.write("functions/app/one.sql", function("one"))
        assert tiny.pending() == ["functions/app/one.sql"]
