"""yoyo's own command reads the database that pgerp migrated, and finds nothing to do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from pgerp.db import parse_url
from tests.runner.support import Demo


@pytest.fixture
def demo(tmp_path: Path, empty_database: str) -> Demo:
    return Demo(tmp_path / "demo", empty_database)


def yoyo_list(demo: Demo) -> dict[str, str]:
    """Run the real `yoyo list`; return "A" (applied) or "U" (unapplied) by id."""
    where = parse_url(demo.url)
    user = quote(where.get("user", ""), safe="")
    secret = f":{quote(where['password'], safe='')}" if "password" in where else ""
    host = quote(where.get("host", ""), safe="")
    url = f"postgresql+psycopg://{user}{secret}@/{where['dbname']}?host={host}"
    url += f"&port={where.get('port', '5432')}"
    run = subprocess.run(
        [sys.executable, "-m", "yoyo", "list", "--no-config-file", "-d", url,
         str(demo.root / "migrations/core")],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    # yoyo colours its output and cuts long ids off.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", run.stdout)
    return {id: mark for mark, id in re.findall(r"^\s*([AU])\s+(\w+)", plain, re.MULTILINE)}


def test_yoyo_list_shows_what_is_applied_and_what_is_not(demo: Demo) -> None:
    first = demo.table(1)
    demo.run("up")
    second = demo.table(2)
    assert yoyo_list(demo) == {first: "A", second: "U"}
    assert demo.run("up").code == 0
    assert yoyo_list(demo) == {first: "A", second: "A"}
    assert demo.run("down", "--yes").code == 0
    assert yoyo_list(demo) == {first: "A", second: "U"}


def test_yoyos_tables_have_the_shape_that_yoyo_makes(demo: Demo) -> None:
    shape = (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable"
        " FROM information_schema.columns WHERE table_name ~ '^_yoyo'"
        " ORDER BY table_name, ordinal_position"
    )
    yoyo_list(demo)
    made_by_yoyo = demo.rows(shape)
    assert len(made_by_yoyo) == 13
    with demo.session() as conn:
        conn.execute("DROP TABLE _yoyo_migration, _yoyo_log, _yoyo_version, yoyo_lock")
    demo.run("up")
    assert demo.rows(shape) == made_by_yoyo
    assert demo.rows("SELECT version FROM _yoyo_version") == [(2,)]


def test_tables_that_yoyo_made_before_are_kept(demo: Demo) -> None:
    first = demo.table(1)
    yoyo_list(demo)
    assert demo.run("up").code == 0
    assert yoyo_list(demo) == {first: "A"}


def test_baseline_marks_for_yoyo_too(demo: Demo) -> None:
    first = demo.table(1)
    demo.run("baseline")
    assert yoyo_list(demo) == {first: "A"}
    assert demo.rows("SELECT operation FROM _yoyo_log") == [("mark",)]


def test_one_file_name_in_two_projects_stays_applied_until_both_are_gone(
    demo: Demo, tmp_path: Path
) -> None:
    stem = demo.table(1)
    other = Demo(tmp_path / "other", demo.url, name="other")
    other.migration(stem, "CREATE TABLE other_1 (id int);", "DROP TABLE other_1;")
    assert demo.run("up", also=[other]).code == 0
    assert demo.run("down", "--yes", also=[other]).code == 0
    assert yoyo_list(demo) == {stem: "A"}
    assert demo.run("down", "--yes", also=[other]).code == 0
    assert yoyo_list(demo) == {stem: "U"}
