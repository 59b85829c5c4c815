"""sql/checks: each file is one SELECT of offenders."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp import checks
from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.project import Project
from tests.runner.tiny import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def run(files: Files, url: str, before: str = "SELECT") -> list[checks.Outcome]:
    with connect(url) as conn:
        conn.execute("CREATE SCHEMA IF NOT EXISTS app")
        conn.execute(before.encode())
        return checks.run(conn, checks.discover([files.project]))


def test_a_check_without_offenders_is_ok(files: Files, empty_database: str) -> None:
    files.write("sql/checks/app/nothing.sql", "-- Nothing is wrong.\nSELECT 1 WHERE false;")
    (outcome,) = run(files, empty_database)
    assert (outcome.check.name, outcome.check.title) == ("tiny:app/nothing", "Nothing is wrong")
    assert (outcome.state, outcome.offenders, outcome.sample) == ("ok", 0, [])


def test_offenders_are_counted_and_the_first_few_shown(files: Files, empty_database: str) -> None:
    files.write(
        "sql/checks/app/many.sql",
        "-- Few\nSELECT n AS number, 100 % n AS rest, NULL AS none\n"
        "FROM generate_series(1, 50) AS n\nORDER BY n DESC -- newest first\n;",
    )
    (outcome,) = run(files, empty_database)
    assert (outcome.state, outcome.offenders) == ("offenders", 50)
    assert outcome.columns == ("number", "rest", "none")
    assert outcome.sample[:2] == [("50", "0", None), ("49", "2", None)]
    assert len(outcome.sample) == checks.SAMPLE


def test_a_check_that_writes_is_not_run(files: Files, empty_database: str) -> None:
    files.write("sql/checks/app/writes.sql", "-- Nobody writes\nSELECT app.write();")
    (outcome,) = run(
        files,
        empty_database,
        "CREATE TABLE app.t (i integer); CREATE FUNCTION app.write() RETURNS integer LANGUAGE sql"
        " AS 'INSERT INTO app.t VALUES (1) RETURNING i'",
    )
    assert outcome.state == "not checked"
    assert "25006" in str(outcome.reason)
    with connect(empty_database) as conn:
        assert conn.execute("SELECT count(*) FROM app.t").fetchone() == (0,)


def test_a_role_that_sees_only_some_rows_gets_no_answer(files: Files, empty_database: str) -> None:
    files.write("sql/checks/app/rows.sql", "-- No rows\nSELECT i FROM app.t;")
    (outcome,) = run(
        files,
        empty_database,
        "CREATE TABLE app.t (i integer); INSERT INTO app.t VALUES (1);"
        "ALTER TABLE app.t ENABLE ROW LEVEL SECURITY; GRANT USAGE ON SCHEMA app TO pg_monitor;"
        "GRANT SELECT ON app.t TO pg_monitor; SET ROLE pg_monitor",
    )
    assert (outcome.state, outcome.offenders) == ("not checked", 0)
    assert "42501" in str(outcome.reason)


def test_one_failing_check_does_not_stop_the_others(files: Files, empty_database: str) -> None:
    files.write("sql/checks/app/a.sql", "-- A\nSELECT 1 FROM app.nothing;")
    files.write("sql/checks/app/b.sql", "-- B\nSELECT 1;")
    first, second = run(files, empty_database)
    assert (first.state, second.state) == ("not checked", "offenders")
    assert "42P01" in str(first.reason)
    assert str(files.root / "sql/checks/app/a.sql") in str(first.reason)


def test_a_check_of_a_schema_that_is_not_here_is_not_applicable(
    files: Files, empty_database: str
) -> None:
    files.write("sql/checks/elsewhere/a.sql", "-- A\nSELECT 1 FROM elsewhere.nothing;")
    (outcome,) = run(files, empty_database)
    assert outcome.state == "not applicable"


def test_checks_see_qualified_names(files: Files, empty_database: str) -> None:
    files.write("sql/checks/app/a.sql", "-- A\nSELECT 'app.t'::regclass::text AS name;")
    (outcome,) = run(files, empty_database, "CREATE TABLE app.t (); SET search_path = app")
    assert outcome.sample == [("app.t",)]


@pytest.mark.parametrize(
    ("path", "sql", "line"),
    [
        ("sql/checks/loose.sql", "-- A\nSELECT 1;", 1),
        ("sql/checks/app/deep/a.sql", "-- A\nSELECT 1;", 1),
        ("sql/checks/app/a.sql", "SELECT 1;", 1),
        ("sql/checks/app/a.sql", "-- A\nSELECT 1;\nSELECT 2;", 3),
        ("sql/checks/app/a.sql", "-- A\nDELETE FROM app.t;", 2),
        ("sql/checks/app/a.sql", "-- A\n", 1),
        ("sql/checks/app/a.sql", "-- A\nSELECT 'open;", 2),
    ],
)
def test_a_file_that_is_no_check_is_refused_with_its_line(
    files: Files, path: str, sql: str, line: int
) -> None:
    files.write(path, sql)
    with pytest.raises(PgerpError) as failure:
        checks.discover([files.project])
    assert failure.value.where == f"{files.root / path}:{line}"


def test_our_own_checks_are_named_by_module_and_invariant(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("sql/checks/app/a.sql", "-- A\nSELECT 1;")
    (check,) = checks.discover([Project("pgerp", tmp_path)])
    assert check.name == "app/a"
