"""Files for databases with other modules: the headers links and without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pgerp.errors import PgerpError
from pgerp.migrations import discover
from pgerp.project import Project
from tests.runner.tiny import Files, function

VIEW = "CREATE OR REPLACE VIEW app.shown WITH (security_invoker = true) AS SELECT {};\n"
TRIGGER = (
    "CREATE OR REPLACE TRIGGER {0} BEFORE UPDATE ON app.items"
    " FOR EACH ROW EXECUTE FUNCTION app.one();\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """One view in two shapes, a function and triggers of the database without module other."""
    files = Files(tmp_path)
    files.write("functions/app/one.sql", function("one"))
    files.write("views/app/shown.sql", "-- links: other\n" + VIEW.format(1))
    files.write("views/without/app/shown.sql", "-- without: other\n" + VIEW.format(2))
    files.write("functions/without/app/two.sql", "-- without: other more\n" + function("two"))
    files.write("sql/triggers/app/items.sql", TRIGGER.format("a"))
    files.write("sql/triggers/without/app/items.sql", "-- without: other\n" + TRIGGER.format("b"))
    return files


def found(files: Files, *modules: str) -> list[str]:
    """Return the files for a database that has some modules; with none named, all."""
    files.project = replace(files.project, modules=frozenset(modules) or None)
    return [str(one.path.relative_to(files.root)) for one in files.files()]


def test_where_the_other_module_is_the_linked_shape_is_taken(files: Files) -> None:
    here = ["functions/app/one.sql", "views/app/shown.sql", "sql/triggers/app/items.sql"]
    assert found(files, "app", "other") == here
    # A database without a choice has all modules.
    assert found(files) == here


def test_where_it_is_not_the_other_shape_is_taken(files: Files) -> None:
    assert found(files, "app") == [
        "functions/app/one.sql",
        "functions/without/app/two.sql",
        "views/without/app/shown.sql",
        "sql/triggers/app/items.sql",
        "sql/triggers/without/app/items.sql",
    ]
    assert "functions/without/app/two.sql" not in found(files, "app", "more")
    assert found(files, "other") == []


def test_both_shapes_define_the_same_object(files: Files) -> None:
    for modules in ({"app"}, {"app", "other"}):
        files.project = replace(files.project, modules=frozenset(modules))
        assert [one.objects for one in files.files() if one.kind == "view"] == [("view app.shown",)]


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("views/without/app/other.sql", ""),
        ("views/without/app/other.sql", "-- links: other\n"),
        ("views/app/other.sql", "-- without: other\n"),
    ],
)
def test_the_header_and_the_folder_belong_together(files: Files, path: str, header: str) -> None:
    files.write(path, header + VIEW.format(1).replace("shown", "other"))
    with pytest.raises(PgerpError) as failure:
        found(files, "app")
    assert failure.value.where == f"{files.root / path}:1"


def test_two_shapes_for_one_database_are_refused(files: Files) -> None:
    files.write("views/without/app/shown.sql", "-- without: third\n" + VIEW.format(2))
    assert "views/without/app/shown.sql" in found(files, "app")
    with pytest.raises(PgerpError, match="defined by two files"):
        found(files, "app", "other")


def test_a_migration_is_left_out_where_a_module_is(tmp_path: Path) -> None:
    files = Files(tmp_path)
    for name, header in (("one", ""), ("two", "-- without: other\n")):
        stem = f"migrations/app/20260101_0900_app_{name}"
        files.write(f"{stem}.sql", f"{header}SELECT 1;\n")
        files.write(f"{stem}.rollback.sql", "SELECT 1;\n")

    def ids(*modules: str) -> list[str]:
        project = Project("pgerp", tmp_path, None, frozenset(modules) or None)
        return [one.id for one in discover([project])]

    assert ids("app") == ["20260101_0900_app_one", "20260101_0900_app_two"]
    assert ids("app", "other") == ids() == ["20260101_0900_app_one"]
