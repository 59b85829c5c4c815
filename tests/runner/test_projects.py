"""Several projects in one database: ids are namespaced, the ledger is shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp.errors import PgerpError
from pgerp.migrations import discover
from pgerp.project import load_projects, own_project
from tests.runner.support import Demo


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def test_our_own_project_comes_first_and_others_in_their_order(tmp_path: Path) -> None:
    dirs = [Demo(tmp_path / name, name=name).root for name in ("zoo", "ape")]
    assert [project.name for project in load_projects(dirs)] == ["pgerp", "zoo", "ape"]
    assert (own_project().root / "migrations").is_dir()
    assert own_project().owner == "pgerp_owner"


def test_a_folder_without_settings_is_named_after_itself(tmp_path: Path) -> None:
    (tmp_path / "shop" / "migrations").mkdir(parents=True)
    project = load_projects([tmp_path / "shop"])[1]
    assert (project.name, project.owner) == ("shop", None)


@pytest.mark.parametrize(
    "settings",
    ["[project", '[project]\nname = ""', "[project]\nname = 3", '[project]\nname = "A b"',
     '[project]\nowners = "x"', 'project = "x"', '[project]\nname = "pgerp"', b"\xff"],
)  # fmt: skip
def test_wrong_settings_are_refused_by_file(tmp_path: Path, settings: str | bytes) -> None:
    demo = Demo(tmp_path / "shop")
    path = demo.write("pgerp.toml", settings)
    with pytest.raises(PgerpError) as caught:
        load_projects([demo.root])
    assert str(path).startswith(str(caught.value.where))


def test_a_folder_that_is_missing_or_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "missing"):
        with pytest.raises(PgerpError) as caught:
            load_projects([tmp_path / name])
        assert str(caught.value.where) == str(tmp_path / name)


def test_ids_of_other_projects_carry_their_name(demo: Demo, tmp_path: Path) -> None:
    other = Demo(tmp_path / "other", demo.url, name="other")
    stem = demo.table(1)
    other.migration(stem, "CREATE TABLE other_1 (id int);")
    assert demo.run("up", also=[other]).code == 0
    assert demo.ledger() == [(stem, "applied"), (f"other/{stem}", "applied")]
    assert demo.rows("SELECT name FROM pgerp.projects ORDER BY name") == [("other",), ("pgerp",)]


def test_a_project_may_depend_on_ours_by_bare_name_and_on_others_by_id(tmp_path: Path) -> None:
    demo, other, third = (Demo(tmp_path / name, name=name) for name in ("pgerp", "other", "third"))
    stem, twin = demo.table(1), other.table(2)
    third.migration("20260101_0003_core_t3", f"-- depends: {stem} other/{twin} \nSELECT 1;")
    found = discover([item.project() for item in (third, other, demo)])
    assert found[-1].depends == {stem, f"other/{twin}"}


def test_a_project_that_is_not_given_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    other = Demo(tmp_path / "other", demo.url, name="other")
    demo.table(1)
    other.table(2)
    demo.run("up", also=[other])
    status = demo.run("status", "--json")
    assert (status.code, status.json["other_projects_applied"]) == (0, 1)
    assert len(status.json["applied"]) == 1


def test_functions_and_views_of_all_projects_are_applied_together(
    demo: Demo, tmp_path: Path
) -> None:
    other = Demo(tmp_path / "other", demo.url, name="other")
    demo.migration("20260101_0900_core_a", "CREATE SCHEMA core; CREATE TABLE core.t (id int);")
    demo.write("views/core/v.sql", "CREATE VIEW core.v AS SELECT id FROM core.t;")
    other.migration("20260101_0900_shop_a", "CREATE SCHEMA shop;")
    other.write("views/shop/w.sql", "-- requires: core.v\nCREATE VIEW shop.w AS TABLE core.v;")
    assert demo.run("up", also=[other]).code == 0
    assert demo.has("shop.w")
