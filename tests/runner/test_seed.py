"""`pgerp seed`: reference data and demonstration data, at any time again."""

from __future__ import annotations

import json
import shutil

import pytest

from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.project import load_projects
from pgerp.seeds import run_seeds
from tests.runner.journals import ROOT, ask, run

MINOR_UNITS = {"USD": 2, "EUR": 2, "KES": 2, "JPY": 0, "KWD": 3, "CLF": 4, "XAU": None}


@pytest.fixture
def project(tmp_path):
    """A project of its own schema with a table and a seed file."""
    root = tmp_path / "shop"
    (root / "migrations" / "shop").mkdir(parents=True)
    (root / "migrations" / "shop" / "20260101_0000_shop_colours.sql").write_text(
        "CREATE SCHEMA shop;\nCREATE TABLE shop.colours (code text PRIMARY KEY, hue integer);\n"
    )
    seeds = root / "seeds" / "reference"
    seeds.mkdir(parents=True)
    (seeds / "b.sql").write_text(
        "INSERT INTO shop.colours VALUES ('red', 0) ON CONFLICT DO NOTHING;\n"
        "UPDATE shop.colours SET hue = 1 WHERE code = 'red' AND hue <> 1;\n"
    )
    return root


def test_the_currencies_are_those_of_iso_4217_with_their_minor_units(clone):
    assert run(clone, "seed").exit_code == 0
    rows = ask(clone, "SELECT code::text, minor_unit FROM ledger.currencies")
    assert len(rows) == 178
    found = dict(rows)
    assert {code: found[code] for code in MINOR_UNITS} == MINOR_UNITS
    assert {"ANG", "BGN", "HRK", "CUC", "ZWL"} & found.keys() == set()


def test_seeding_again_writes_no_row(clone):
    query = "SELECT xmin::text, * FROM ledger.currencies ORDER BY code"
    before = ask(clone, query)
    result = run(clone, "seed", "reference")
    assert (result.exit_code, ask(clone, query)) == (0, before)


def test_seeding_again_brings_a_row_back_to_what_the_file_says(clone):
    ask(clone, "UPDATE ledger.currencies SET name = 'Taler', minor_unit = 4 WHERE code = 'USD'")
    ask(clone, "DELETE FROM ledger.currencies WHERE code = 'EUR'")
    result = run(clone, "seed")
    assert "2 rows" in result.stdout
    query = "SELECT name, minor_unit FROM ledger.currencies WHERE code IN ('USD', 'EUR')"
    assert sorted(ask(clone, query)) == [("Euro", 2), ("US Dollar", 2)]


def test_the_demonstration_is_the_sample_journal_in_tenant_demo(clone):
    expected = json.loads((ROOT / "seeds" / "demo" / "expected.json").read_text())
    for _ in range(2):
        assert run(clone, "seed", "demo").exit_code == 0
        assert ask(
            clone,
            "SELECT t.name, b.code, count(*) FROM ledger.journal_entries e"
            " JOIN identity.businesses b ON (b.tenant_id, b.id) = (e.tenant_id, e.business_id)"
            " JOIN identity.tenants t ON t.id = e.tenant_id WHERE t.name = 'Demo' GROUP BY 1, 2",
        ) == [("Demo", "MAIN", expected["entries"])]


def test_the_demonstration_is_what_import_makes_of_the_sample(clone):
    words = ("--tenant", "Demo", "--business", "MAIN", "--create")
    assert run(clone, "import", ROOT / "seeds" / "demo" / "journal.csv", *words).exit_code == 0
    entries = (
        "SELECT count(*) FROM ledger.journal_entries AS e"
        " JOIN identity.tenants AS t ON t.id = e.tenant_id WHERE t.name = 'Demo'"
    )
    before = ask(clone, entries)
    assert run(clone, "seed", "demo").exit_code == 0
    assert ask(clone, entries) == before


def test_seeds_of_further_projects_run_in_the_order_of_their_paths(clone, project):
    first = project / "seeds" / "reference" / "a"
    first.mkdir()
    (first / "z.sql").write_text("INSERT INTO shop.colours VALUES ('blue', 9);")
    words = ("--project", project)
    assert run(clone, *words, "up").exit_code == 0
    result = run(clone, *words, "seed")
    assert result.exit_code == 0
    assert result.stdout.index("a/z.sql") < result.stdout.index("b.sql")
    assert sorted(ask(clone, "SELECT * FROM shop.colours")) == [("blue", 9), ("red", 1)]


def test_a_seed_file_that_fails_leaves_nothing_and_is_named_with_its_line(clone, project):
    file = project / "seeds" / "reference" / "b.sql"
    file.write_text("INSERT INTO shop.colours VALUES ('red', 0);\n\nSELECT 1 / 0;\n")
    assert run(clone, "--project", project, "up").exit_code == 0
    result = run(clone, "--project", project, "seed")
    assert result.exit_code == 2
    assert "b.sql:" in result.stderr
    assert ask(clone, "SELECT * FROM shop.colours") == []


def test_a_seed_file_with_commit_is_refused_before_it_runs(clone, project):
    file = project / "seeds" / "reference" / "b.sql"
    file.write_text("INSERT INTO shop.colours VALUES ('red', 0);\nCOMMIT;\n")
    assert run(clone, "--project", project, "up").exit_code == 0
    result = run(clone, "--project", project, "seed")
    assert result.exit_code == 2
    assert "b.sql:2" in result.stderr
    assert ask(clone, "SELECT * FROM shop.colours") == []


def test_seeds_run_as_the_owner_of_the_project(clone, project):
    (project / "pgerp.toml").write_text('[project]\nname = "shop"\nowner = "pgerp_owner"\n')
    file = project / "seeds" / "reference" / "b.sql"
    file.write_text("INSERT INTO shop.colours VALUES (current_user, 0);\n")
    # A clone has the objects of its template, but not the privileges on the database itself.
    ask(clone, f"GRANT CREATE ON DATABASE {parse_url(clone)['dbname']} TO pgerp_owner")
    assert run(clone, "--project", project, "up").exit_code == 0
    assert run(clone, "--project", project, "seed").exit_code == 0
    assert ask(clone, "SELECT code FROM shop.colours") == [("pgerp_owner",)]


def test_a_role_that_may_not_act_as_the_owner_cannot_seed(clone):
    with connect(clone) as conn:
        conn.execute("SET SESSION AUTHORIZATION pgerp_app")
        with pytest.raises(PgerpError) as caught:
            list(run_seeds(conn, load_projects([]), "reference"))
    assert caught.value.sqlstate == "42501"


def test_a_database_that_is_not_migrated_is_told_to_come_up_first(empty_database):
    result = run(empty_database, "seed")
    assert (result.exit_code, "pgerp up" in result.stderr) == (2, True)


def test_a_sample_that_was_changed_by_hand_is_an_error(clone, tmp_path, monkeypatch):
    from dataclasses import replace

    from pgerp.project import own_project

    own = replace(own_project(), root=tmp_path)
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    file = tmp_path / "seeds" / "demo" / "journal.csv"
    file.write_text(file.read_text().replace("4292.0600", "4292.0601", 1))
    monkeypatch.setattr("pgerp.project.own_project", lambda: own)
    result = run(clone, "seed", "demo")
    assert result.exit_code == 2
    assert "journal.csv:2" in result.stderr


def test_the_demonstration_has_as_many_customers_however_often_it_is_seeded(clone):
    for _ in range(2):
        assert run(clone, "seed", "demo").exit_code == 0
    with connect(clone) as conn:
        assert conn.execute(
            "SELECT t.name, count(*) FROM party.customers AS c"
            " INNER JOIN identity.tenants AS t ON t.id = c.tenant_id GROUP BY t.name ORDER BY 1"
        ).fetchall() == [("Demo", 5), ("Umoja", 10)]
