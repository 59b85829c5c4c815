"""The path is the name: a repeatable file that is not what its path says is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp.errors import PgerpError
from tests.runner.tiny import Files, function


@pytest.mark.parametrize(
    ("path", "sql", "line"),
    [
        ("functions/app/one.sql", "-- Why.\n" + function("two"), 2),
        ("functions/app/one.sql", function("one").replace("app.one", "one"), 1),
        ("functions/app/one.sql", function("one") + function("two"), 4),
        ("functions/app/one.sql", function("one") + function("one"), 4),
        ("functions/app/one.sql", "COMMENT ON FUNCTION app.one() IS 'x';\n", 1),
        ("functions/app/one.sql", function("one") + "CREATE TABLE app.t (i integer);\n", 4),
        ("functions/app/one.sql", function("one").replace(" OR REPLACE", ""), 1),
        ("functions/app/one.sql", function("one") + "COMMENT ON TABLE app.items IS 'x';\n", 4),
        ("functions/app/one.sql", "-- Why.\n\nBEGIN;\n" + function("one"), 3),
        ("functions/one.sql", function("one"), 1),
        ("functions/app/deep/one.sql", function("one"), 1),
        ("functions/app/One.sql", function("one"), 1),
        ("functions/app/one.sql", "-- require: app.two\n" + function("one"), 1),
        ("functions/app/one.sql", "-- requires: app.nothing\n" + function("one"), 1),
        ("views/app/one.sql", "CREATE VIEW app.one AS SELECT 1;\nDROP VIEW app.two;\n", 2),
        (
            "sql/triggers/app/items.sql",
            "CREATE TRIGGER t BEFORE UPDATE ON app.items EXECUTE FUNCTION app.touch();",
            1,
        ),
        (
            "sql/triggers/app/items.sql",
            (
                "-- Why.\nCREATE OR REPLACE TRIGGER t BEFORE UPDATE ON app.others"
                " EXECUTE FUNCTION app.touch();"
            ),
            2,
        ),
        ("sql/triggers/app/items.sql", "DROP TRIGGER t ON app.items;", 1),
        ("sql/triggers/app/items.sql", "DELETE FROM app.items;", 1),
        ("sql/policies/items.sql", "-- reapply: always\nSELECT 1;", 1),
        ("sql/grants/app.sql", "COMMIT;", 1),
        ("sql/grants/app.sql", "-- nothing\n", 1),
    ],
)
def test_a_file_that_is_not_what_its_path_says_is_refused_with_its_line(
    tmp_path: Path, path: str, sql: str, line: int
) -> None:
    files = Files(tmp_path)
    files.write(path, sql)
    with pytest.raises(PgerpError) as failure:
        files.files()
    assert failure.value.where == f"{tmp_path / path}:{line}"


def test_one_object_in_two_files_is_refused(tmp_path: Path) -> None:
    files = Files(tmp_path)
    policy = "CREATE POLICY p ON app.items USING (true);"
    files.write("sql/policies/all.sql", policy)
    files.write("sql/policies/items.sql", policy)
    with pytest.raises(PgerpError) as failure:
        files.files()
    assert str(tmp_path / "sql/policies/all.sql") in str(failure.value.detail)


def test_a_function_and_a_view_may_share_a_name(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("functions/app/one.sql", function("one"))
    files.write("views/app/one.sql", "CREATE VIEW app.one AS SELECT 1 AS n;")
    files.write("views/app/a.sql", "CREATE VIEW app.a AS SELECT n, app.one() AS m FROM app.one;")
    assert [file.kind + " " + file.name for file in files.files()] == [
        "function app.one",
        "view app.one",
        "view app.a",
    ]


def test_requirements_in_a_circle_are_refused(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("views/app/a.sql", "-- requires: app.b\nCREATE VIEW app.a AS SELECT 1 AS n;")
    files.write("views/app/b.sql", "-- requires: app.a\nCREATE VIEW app.b AS SELECT 1 AS n;")
    with pytest.raises(PgerpError) as failure:
        files.files()
    assert "app.a" in str(failure.value.detail)
    assert "app.b" in str(failure.value.detail)
