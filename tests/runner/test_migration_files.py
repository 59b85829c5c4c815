"""What migration files may be called and may hold, without any server."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp.errors import PgerpError
from pgerp.migrations import Migration, discover
from pgerp.sqltext import checksum, read
from tests.runner.support import Demo

STEM = "20260101_0900_core_one"


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path / "demo")


def refused(demo: Demo) -> PgerpError:
    """Discover the project and check every file; return the error that this must raise."""
    with pytest.raises(PgerpError) as caught:
        for migration in discover([demo.project()]):
            assert migration.statements
    return caught.value


def only(demo: Demo) -> Migration:
    (migration,) = discover([demo.project()])
    return migration


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT 1;\nSELECT 'open;\n", 2),
        ('SELECT 1;\n\nSELECT "open;\n', 3),
        ("SELECT 1;\nDO $x$ BEGIN END $$;\n", 2),
        ("SELECT 1;\n/* a /* b */ c\n", 2),
        ("SELECT E'a\\';\n", 1),
    ],
)
def test_what_is_opened_and_not_closed_is_refused_where_it_begins(
    demo: Demo, sql: str, line: int
) -> None:
    demo.migration(STEM, sql)
    assert str(refused(demo).where).endswith(f"{STEM}.sql:{line}")


@pytest.mark.parametrize(
    "command",
    [
        "BEGIN",
        "begin",
        "COMMIT",
        "ROLLBACK",
        "START TRANSACTION",
        "START /* x */ TRANSACTION",
        "SAVEPOINT s",
        "RELEASE SAVEPOINT s",
        "END",
        "ABORT",
        "PREPARE TRANSACTION 'x'",
    ],
)
def test_transaction_commands_are_refused_with_their_line(demo: Demo, command: str) -> None:
    demo.migration(STEM, f"CREATE TABLE t (id int);\n/* why */ {command};\n")
    error = refused(demo)
    assert str(error.where).endswith(f"{STEM}.sql:2")
    assert error.statement == command


@pytest.mark.parametrize(
    "sql",
    [
        "DO $$ BEGIN PERFORM 1; END $$;",
        "SELECT 'x; COMMIT; y';",
        "-- BEGIN;\n/* COMMIT; /* ROLLBACK; */ END; */ SELECT 1;",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;",
        "PREPARE p AS SELECT 1;",
        "CREATE TABLE commit_log (begin_at date);",
    ],
)
def test_words_of_transactions_inside_bodies_comments_and_names_are_let_through(
    demo: Demo, sql: str
) -> None:
    demo.migration(STEM, sql)
    assert only(demo).statements


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT 1;\nCOPY t FROM stdin;\n1\tit's\n\\.\n", 2),
        ("SELECT 1;\n\nCOPY t (a, b)\nFROM STDIN WITH (FORMAT csv);\n1,'\n", 3),
        ("COPY t TO STDOUT;", 1),
        ("\\connect other\nSELECT 1;", 1),
        ("SELECT 1;\n\\i other.sql\n", 2),
        ("SELECT 1 \\gset\n", 1),
    ],
)
def test_copy_data_and_psql_commands_are_refused_with_their_line(
    demo: Demo, sql: str, line: int
) -> None:
    demo.migration(STEM, sql)
    assert str(refused(demo).where).endswith(f"{STEM}.sql:{line}")


@pytest.mark.parametrize("sql", ["", "\n", "-- nothing\n/* at all */;;\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_statement_is_refused(demo: Demo, sql: str | bytes) -> None:
    demo.migration(STEM, sql)
    assert str(refused(demo).where).endswith(f"{STEM}.sql:1")


@pytest.mark.parametrize(
    ("raw", "line"), [(b"SELECT 1;\nSELECT '\xe4';\n", 2), (b"SELECT 1;\n\nSELECT '\0';", 3)]
)
def test_bytes_that_are_not_utf8_or_nul_are_refused_with_their_line(
    demo: Demo, raw: bytes, line: int
) -> None:
    demo.migration(STEM, raw)
    assert str(refused(demo).where).endswith(f"{STEM}.sql:{line}")


def test_byte_order_mark_and_crlf_change_neither_text_nor_checksum(demo: Demo) -> None:
    plain = "-- transactional: false\n\nVACUUM;\n"
    demo.migration(STEM, b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode())
    migration = only(demo)
    assert (migration.sql, migration.checksum) == (plain, checksum(plain))
    assert not migration.transactional
    assert checksum("VACUUM;\n") != migration.checksum


def test_two_files_with_one_id_are_refused_by_both_names(demo: Demo) -> None:
    stem = "20260101_0900_supply_chain_one"
    demo.write(f"migrations/supply/{stem}.sql", "SELECT 1;")
    demo.write(f"migrations/supply_chain/{stem}.sql", "SELECT 1;")
    error = str(refused(demo))
    assert f"supply/{stem}.sql" in error
    assert f"supply_chain/{stem}.sql" in error


@pytest.mark.parametrize(
    "path",
    [
        "migrations/core/20260101_core_one.sql",
        "migrations/core/20260101_0900_ledger_one.sql",
        "migrations/core/20260101_0900_core.sql",
        "migrations/core/20260101_0900_core_.sql",
        "migrations/core/20260101_0900_core_One.sql",
        "migrations/core/20261301_0900_core_one.sql",
        "migrations/core/20260101_2460_core_one.sql",
        "migrations/core/20260101_0900_core_one.sq",
        "migrations/core/20260101_0900_core_one.SQL",
        "migrations/core/20260101_0900_core_one.sql.bak",
        "migrations/core/20260101_0900_core_one.py",
        "migrations/core/post-apply.sql",
        "migrations/core/old/20260101_0900_core_one.sql",
        "migrations/20260101_0900_core_one.sql",
        "migrations/Core/20260101_0900_core_one.sql",
        "migrations/core/20260101_0900_core_one.rollback.sql",
    ],
)
def test_a_file_that_would_be_passed_over_is_refused_by_name(demo: Demo, path: str) -> None:
    demo.write(path, "SELECT 1;")
    named = str(refused(demo).where)
    assert str(demo.root / path).startswith(named)


def test_hidden_files_and_readmes_are_no_migrations(demo: Demo) -> None:
    demo.migration(STEM, "SELECT 1;")
    for name in (".gitkeep", "README.md", ".20260101_0900_core_one.sql.swp"):
        demo.write(f"migrations/core/{name}", "x")
    assert only(demo).id == STEM


def test_brackets_in_the_projects_path_are_no_pattern(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "a[b]*")
    demo.migration(STEM, "SELECT 1;")
    assert only(demo).id == STEM


@pytest.mark.parametrize(
    "header",
    ["depend: x", "dependson: x", "Depends: x", "TRANSACTIONAL: false", "transactionl: no",
     "requires: core.x", "reapply: migrations", "note: x", "author: me"],
)  # fmt: skip
def test_an_unknown_or_misspelt_header_is_refused_with_its_line(demo: Demo, header: str) -> None:
    demo.migration(STEM, f"-- What it does.\n\n-- {header}\nSELECT 1;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:3")


@pytest.mark.parametrize(
    "line",
    ["Note: prose", "three kinds are: a, b", "https://example.org", "noqa: PRS",
     "squawk-ignore ban-drop-column", "sqlfluff:rules", "a line"],
)  # fmt: skip
def test_prose_links_and_tools_comments_are_no_headers(demo: Demo, line: str) -> None:
    demo.migration(STEM, f"-- {line}\nSELECT 1;")
    assert only(demo).transactional


@pytest.mark.parametrize("value", ["no", "False", "false false", "", "true false"])
def test_transactional_is_true_or_false_only(demo: Demo, value: str) -> None:
    demo.migration(STEM, f"--\n-- transactional: {value}\nSELECT 1;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:2")


def test_a_header_below_the_first_sql_is_refused(demo: Demo) -> None:
    demo.migration(STEM, "SELECT 1;\n\n-- transactional: false\nSELECT 2;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:3")


def test_a_header_below_a_block_comment_is_refused(demo: Demo) -> None:
    demo.migration(STEM, "/* What it does. */\n-- transactional: false\nVACUUM;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:2")


def test_a_headers_words_in_a_function_body_are_left_alone(demo: Demo) -> None:
    demo.migration(STEM, "DO $$ BEGIN\n-- depends: on nothing\nEND $$;")
    assert only(demo).depends == frozenset()


def test_a_non_transactional_file_holds_one_statement(demo: Demo) -> None:
    demo.migration(STEM, "-- transactional: false\nVACUUM;\n\nANALYZE;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:4")


def test_migrations_come_by_name_across_modules_and_links_come_last(demo: Demo) -> None:
    demo.migration("20260101_0902_core_b", "SELECT 1;")
    demo.migration("20260101_0901_ledger_a", "SELECT 1;")
    demo.migration("20260101_0900_links_all", "-- links: core ledger\nSELECT 1;")
    demo.migration("20260101_0903_core_c", "SELECT 1;")
    assert [m.module for m in discover([demo.project()])] == ["ledger", "core", "core", "links"]


def test_a_dependency_moves_a_file_back(demo: Demo) -> None:
    demo.migration("20260101_0901_core_a", "-- depends: 20260101_0902_core_b\nSELECT 1;")
    demo.migration("20260101_0902_core_b", "SELECT 1;")
    first, second = discover([demo.project()])
    assert (first.stem, second.depends) == ("20260101_0902_core_b", {first.id})


def test_dependencies_may_stand_on_several_lines(demo: Demo) -> None:
    for name in ("a", "b"):
        demo.migration(f"20260101_0900_core_{name}", "SELECT 1;")
    ids = [migration.id for migration in discover([demo.project()])]
    demo.migration("20260101_0901_core_c", f"-- depends: {ids[0]}\n-- depends: {ids[1]}\nSELECT 1;")
    assert discover([demo.project()])[-1].depends == frozenset(ids)


def test_an_unknown_dependency_is_refused_with_its_line(demo: Demo) -> None:
    demo.migration(STEM, "-- One.\n-- depends: 20260101_0900_core_two\nSELECT 1;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:2")


@pytest.mark.parametrize("others", [[], ["20260101_0902_core_b"]])
def test_a_circle_of_dependencies_is_refused(demo: Demo, others: list[str]) -> None:
    chain = ["20260101_0901_core_a", *others]
    for stem, next_stem in zip(chain, [*chain[1:], chain[0]], strict=True):
        demo.migration(stem, f"-- depends: {next_stem}\nSELECT 1;")
    error = str(refused(demo))
    assert all(stem in error for stem in chain)


def test_a_links_file_names_two_schemas_and_others_name_none(demo: Demo) -> None:
    stem = "20260101_0900_links_all"
    for header in ("", "-- links: core\n", "-- links: core Ledger\n", "-- links: a b\n" * 2):
        demo.migration(stem, f"{header}SELECT 1;")
        assert stem in str(refused(demo).where)
    demo.migration(stem, "-- links: core ledger\nSELECT 1;")
    assert only(demo).links == ("core", "ledger")
    demo.migration(STEM, "-- links: core ledger\nSELECT 1;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:1")


def test_only_links_may_depend_on_links(demo: Demo) -> None:
    demo.migration("20260101_0900_links_all", "-- links: core ledger\nSELECT 1;")
    demo.migration(STEM, "-- depends: 20260101_0900_links_all\nSELECT 1;")
    assert str(refused(demo).where).endswith(f"{STEM}.sql:1")


def test_a_file_that_cannot_be_read_is_an_error_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(PgerpError):
        read(tmp_path / "missing.sql")
