"""pgerp up: one file is one transaction with its ledger rows, and errors say where."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pgerp.lexer import Statement
from pgerp.migrations import Migration, discover
from tests.runner.support import Demo

STEM = "20260101_0900_core_one"


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def test_up_applies_files_in_order_and_records_each(demo: Demo) -> None:
    ids = [demo.table(2), demo.table(1), demo.table(3)]
    assert demo.run("up").code == 0
    assert demo.ledger() == [(id, "applied") for id in sorted(ids)]
    checksums = {m.id: m.checksum for m in discover([demo.project()])}
    assert dict(demo.rows("SELECT id, checksum FROM pgerp.migrations")) == checksums
    assert demo.rows("SELECT action, migration FROM pgerp.history WHERE action = 'up'") == [
        ("up", id) for id in sorted(ids)
    ]


def test_up_with_nothing_to_do_writes_nothing(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    before = demo.rows("SELECT count(*), max(at) FROM pgerp.history")
    assert demo.run("up").code == 0
    assert demo.rows("SELECT count(*), max(at) FROM pgerp.history") == before


def test_up_without_any_migration_is_clean(demo: Demo) -> None:
    assert demo.run("up").code == 0
    assert demo.run("status").code == 0


def test_a_failing_file_leaves_nothing_and_the_ones_before_stay(demo: Demo) -> None:
    first = demo.table(1)
    second = demo.table(2, "SELECT 1 / 0;")
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "22012" in outcome.err
    assert demo.ledger() == [(first, "applied")]
    assert not demo.has("core_2")
    demo.table(2)
    assert demo.run("up").code == 0
    assert demo.ledger()[-1] == (second, "applied")


@pytest.mark.parametrize(
    ("sql", "line", "sqlstate"),
    [
        ("CREATE TABLE t (id int);\n\nSELECT\n    nothing\nFROM t;\n", 4, "42703"),
        ("CREATE TABLE t (id int);\n\nCREATE TABEL u (id int);\n", 3, "42601"),
        ("CREATE TABLE t (id int UNIQUE);\n-- ä€𝄞\n;;\nTABLE t;\nINSERT INTO t VALUES (1), (1);",
         5, "23505"),
        (";;\nSELECT 'ä€𝄞', nothing;\n", 2, "42703"),
        ("SELECT 1;\nDO $$\nBEGIN\n    RAISE EXCEPTION 'x' USING ERRCODE = 'ZL001';\nEND $$;\n",
         2, "ZL001"),
    ],
)  # fmt: skip
def test_an_error_names_file_line_and_sqlstate(
    demo: Demo, sql: str, line: int, sqlstate: str
) -> None:
    demo.migration(STEM, sql)
    outcome = demo.run("up")
    assert outcome.code == 2
    assert f"{STEM}.sql:{line}:" in outcome.err
    assert sqlstate in outcome.err
    assert "Traceback" not in outcome.err


def test_the_servers_detail_and_hint_are_told(demo: Demo) -> None:
    demo.migration(
        STEM,
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING DETAIL = 'detail-7', HINT = 'hint-8'; END $$;",
    )
    error = demo.run("up").err
    assert "detail-7" in error
    assert "hint-8" in error


def test_a_deferred_constraint_that_fails_at_commit_undoes_the_file(demo: Demo) -> None:
    demo.migration(
        STEM,
        "CREATE TABLE t (id int PRIMARY KEY);\n"
        "CREATE TABLE u (t int REFERENCES t DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO u VALUES (1);\n",
    )
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "23503" in outcome.err
    assert f"{STEM}.sql" in outcome.err
    assert not demo.has("t")
    assert demo.ledger() == []


def test_a_file_that_cannot_be_sent_stops_all_before_any_is_applied(demo: Demo) -> None:
    demo.table(1)
    demo.migration("20260101_0900_core_z", "SELECT 1;\nCOMMIT;\n")
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "core_z.sql:2" in outcome.err
    assert demo.run("status", "--json").json["initialised"] is False


def test_what_a_file_sets_for_its_session_does_not_reach_the_next(demo: Demo) -> None:
    demo.migration(
        "20260101_0900_core_a",
        "CREATE SCHEMA a; SET search_path = a; SET lock_timeout = 0; SET ROLE pg_monitor;",
    )
    demo.migration(
        "20260101_0901_core_b",
        "CREATE TABLE seen AS SELECT current_setting('search_path') AS path,"
        " current_setting('lock_timeout') AS timeout, current_user = session_user AS same;",
    )
    assert demo.run("up", "--lock-timeout", "700").code == 0
    assert demo.rows("SELECT path, timeout, same FROM public.seen") == [
        ('"$user", public', "700ms", True)
    ]


def test_a_role_that_the_last_file_took_on_does_not_reach_the_runner(demo: Demo) -> None:
    demo.migration(STEM, "SET ROLE pg_monitor;")
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT 1 AS id;")
    demo.migration("20260101_0800_core_a", "CREATE SCHEMA core;")
    assert demo.run("up").code == 0
    assert demo.has("core.v")


def test_a_file_that_ends_its_transaction_unseen_is_not_recorded(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.migration(STEM, "SELECT 1; ROLLBACK;")
    monkeypatch.setattr(Migration, "statements", [Statement("SELECT 1", 1, 0)])
    assert demo.run("up").code == 2
    assert demo.ledger() == []


def test_a_file_cannot_hide_its_ledger_row_by_its_search_path(demo: Demo) -> None:
    demo.migration(
        STEM,
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
        " AS $$ SELECT '2000-01-01'::timestamptz $$; SET search_path = public, pg_catalog;",
    )
    assert demo.run("up").code == 0
    assert demo.value("SELECT applied_at > now() - interval '1 day' FROM pgerp.migrations")


def test_a_file_without_a_line_end_and_with_a_comment_last_is_recorded(demo: Demo) -> None:
    demo.migration(STEM, "SELECT 1 -- last")
    assert demo.run("up").code == 0
    assert demo.ledger() == [(STEM, "applied")]


def test_a_file_with_byte_order_mark_and_crlf_is_applied(demo: Demo) -> None:
    demo.migration(STEM, b"\xef\xbb\xbf-- One.\r\nCREATE TABLE t (id int);\r\n")
    assert demo.run("up").code == 0
    assert demo.has("t")
    demo.migration(STEM, b"-- One.\nCREATE TABLE t (id int);\n")
    assert demo.run("status").code == 0


def test_a_file_of_twenty_thousand_inserts_is_applied_whole(demo: Demo) -> None:
    inserts = "".join(f"INSERT INTO t VALUES ({n}, 'x''y');\n" for n in range(20_000))
    demo.migration(STEM, f"CREATE TABLE t (id int, x text);\n{inserts}")
    assert demo.run("up").code == 0
    assert demo.value("SELECT count(*) FROM t") == 20_000


def test_a_failure_deep_in_a_big_file_is_found_by_its_line(demo: Demo) -> None:
    inserts = "".join(f"INSERT INTO t VALUES ({n % 4321});\n" for n in range(5_000))
    demo.migration(STEM, f"CREATE TABLE t (id int UNIQUE);\n{inserts}")
    assert f"{STEM}.sql:4323:" in demo.run("up").err


def test_up_to_an_id_stops_there(demo: Demo) -> None:
    ids = [demo.table(number) for number in (1, 2, 3)]
    assert demo.run("up", "--to", ids[1]).code == 0
    assert [id for id, _ in demo.ledger()] == ids[:2]
    assert demo.run("up", "--to", ids[0]).code == 0
    assert [id for id, _ in demo.ledger()] == ids[:2]
    assert demo.run("up", "--to", "20260101_0009_core_t9").code == 2


def test_a_dry_run_shows_the_files_and_changes_nothing(demo: Demo) -> None:
    ids = [demo.table(number) for number in (1, 2)]
    outcome = demo.run("up", "--dry-run")
    assert outcome.code == 0
    assert all(id in outcome.out for id in ids)
    assert demo.run("status", "--json").json["initialised"] is False


def test_repeatables_are_applied_after_the_migrations_and_only_when_changed(demo: Demo) -> None:
    demo.migration(STEM, "CREATE SCHEMA core; CREATE TABLE core.t (id int);")
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT id FROM core.t;")
    assert demo.run("up").code == 0
    assert demo.has("core.v")
    before = demo.value("SELECT 'core.v'::regclass::oid")
    demo.table(1000)
    assert demo.run("up").code == 0
    assert demo.value("SELECT 'core.v'::regclass::oid") == before


def test_a_broken_repeatable_leaves_the_migrations_applied_and_none_of_the_others(
    demo: Demo,
) -> None:
    demo.migration(STEM, "CREATE SCHEMA core; CREATE TABLE core.t (id int);")
    demo.write("views/core/a.sql", "CREATE VIEW core.a AS SELECT id FROM core.t;")
    demo.write("views/core/b.sql", "CREATE VIEW core.b AS\nSELECT nothing FROM core.t;")
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "views/core/b.sql:2" in outcome.err
    assert demo.ledger() == [(STEM, "applied")]
    assert not demo.has("core.a")
    assert demo.run("status").code == 1


def test_links_are_applied_only_where_both_schemas_are(demo: Demo) -> None:
    demo.migration("20260101_0900_core_a", "CREATE SCHEMA core;")
    demo.migration(
        "20260101_0800_links_ab", "-- links: core ledger\nCREATE TABLE ledger.linked (id int);"
    )
    outcome = demo.run("up")
    assert outcome.code == 0
    status = demo.run("status", "--json")
    assert (status.code, status.json["not_applicable"]) == (0, ["20260101_0800_links_ab"])
    demo.migration("20260101_0901_ledger_a", "CREATE SCHEMA ledger;")
    assert demo.run("plan", "--json").json["not_applicable"] == []
    assert demo.run("up").code == 0
    assert demo.has("ledger.linked")
    assert demo.run("status", "--json").json["not_applicable"] == []


def test_links_wait_for_schemas_that_a_file_only_speaks_of(demo: Demo) -> None:
    demo.migration("20260101_0900_core_a", "-- Not yet CREATE SCHEMA ledger.\nCREATE SCHEMA core;")
    demo.migration("20260101_0800_links_cl", "-- links: core ledger\nSELECT 1 / 0;")
    assert demo.run("up").code == 0
    assert demo.run("status").code == 0
    assert demo.ledger() == [("20260101_0900_core_a", "applied")]


def test_an_older_links_file_is_not_late_when_its_module_comes_later(demo: Demo) -> None:
    demo.migration("20260101_0900_core_a", "CREATE SCHEMA core; CREATE SCHEMA ledger;")
    demo.migration("20260101_0801_links_cl", "-- links: core ledger\nSELECT 1;")
    demo.migration("20260101_0800_links_cs", "-- links: core shop\nSELECT 1;")
    assert demo.run("up").code == 0
    demo.migration("20260101_0901_shop_a", "CREATE SCHEMA shop;")
    assert demo.run("up").code == 0
    assert demo.ledger()[-1] == ("20260101_0800_links_cs", "applied")


def test_roles_are_made_first_and_again_only_when_their_file_changes(demo: Demo) -> None:
    demo.write("sql/roles.sql", "CREATE TABLE roles_ran (id int);\n")
    demo.migration(STEM, "INSERT INTO roles_ran VALUES (1);")
    assert demo.run("up").code == 0
    assert demo.run("up").code == 0
    demo.write("sql/roles.sql", "DROP TABLE roles_ran;\n")
    assert demo.run("plan", "--json").json["steps"][0]["action"] == "roles"
    assert demo.run("up").code == 0
    assert not demo.has("roles_ran")


def test_the_history_can_only_be_appended_to(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    for change in ("UPDATE pgerp.history SET who = 'x'", "DELETE FROM pgerp.history",
                   "TRUNCATE pgerp.history"):  # fmt: skip
        with demo.session() as conn, pytest.raises(psycopg.Error) as caught:
            conn.execute(change.encode())
        assert caught.value.sqlstate == "23001"


def test_removed_grants_are_forgotten_by_the_up_that_applies_a_migration(demo: Demo) -> None:
    demo.table(1)
    grants = demo.write("sql/grants/core.sql", "GRANT SELECT ON core_1 TO PUBLIC;")
    demo.run("up")
    grants.unlink()
    demo.run("up")
    assert len(demo.run("status", "--json").json["removed_files"]) == 1
    demo.table(2, "REVOKE SELECT ON core_1 FROM PUBLIC;")
    assert demo.run("up").code == 0
    assert demo.run("status", "--json").json["removed_files"] == []
    assert demo.value("SELECT count(*) FROM pgerp.repeatables") == 0


def test_a_project_without_functions_and_views_has_none_on_record(demo: Demo) -> None:
    demo.table(1)
    demo.run("up")
    assert demo.value("SELECT count(*) FROM pgerp.history WHERE action = 'repeatables'") == 0
