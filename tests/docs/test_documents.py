"""What the documents show is run, what they name exists, and what exists is documented."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest

from pgerp.cli import main
from tests.ledger.books import open_books, post
from tests.pgtap import value

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    ROOT / "sql/ERRORS.md",
    ROOT / "bench/README.md",
]


def blocks(document: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_to_files_that_exist(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    missing = [link for link in links if "//" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_the_sql_of_the_readme_runs_on_the_demo_books(clone: str) -> None:
    words = [
        "import",
        "seeds/demo/journal.csv",
        "--tenant",
        "Demo",
        "--business",
        "MAIN",
        "--create",
    ]
    run = [sys.executable, str(ROOT / "migrate.py"), "--database-url", clone, *words]
    subprocess.run(run, cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    (script,) = blocks("README.md", "sql")
    with psycopg.connect(clone, autocommit=True) as conn:
        statements = [s for s in re.split(r";(?:\s*--.*)?\n", script) if s.strip()]
        results = [conn.execute(statement) for statement in statements]  # type: ignore[call-overload]
        assert [r.rowcount for r in results[1:4]] == [1, 1, 1]
        assert value(conn, "SELECT count(*) FROM ledger.journal_entries") == 1441


def test_the_sql_of_the_ledgers_guide_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    tenant_id = value(db, "SELECT identity.create_tenant('Guide 2')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    setup, posting = blocks("docs/ledger.md", "sql")
    db.execute(setup)  # type: ignore[call-overload]
    db.execute("SELECT ledger.create_account('4100', 'Sales', 'REVENUE')")
    db.execute(posting)  # type: ignore[call-overload]
    for call in re.findall(
        r"^\| `(ledger\.\w+\(.*?\))`", (ROOT / "docs/ledger.md").read_text(), re.MULTILINE
    ):
        assert db.execute(f"SELECT * FROM {call}").rowcount >= 1, call
    assert str(value(db, "SELECT ledger.account_balance('WATER', '1110')")) == "250.0000"


def test_the_sql_of_the_guide_to_seals_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    post(db, ("1110", "1"), ("4100", "-1"))
    (script,) = blocks("docs/ledger-seals.md", "sql")
    assert db.execute(script).rowcount == 1  # type: ignore[call-overload]


def test_make_targets_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        text = document.read_text()
        named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", text, re.MULTILINE))
        assert named <= targets, document


def test_every_command_and_option_that_documents_name_exists() -> None:
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    for document in DOCUMENTS:
        for line in re.findall(
            r"(?:`|^    |== )pgerp ([a-z][^`\n|]*)", document.read_text(), re.MULTILINE
        ):
            name, *words = line.split()
            command = commands.get(name)
            assert command is not None, f"{document.name}: pgerp {line}"
            known = {option for parameter in command.params for option in parameter.opts}
            named = {w.rstrip(",;:.)]") for w in words if w.startswith("--")}
            assert named <= known, f"{document.name}: pgerp {line}"


def test_every_command_and_its_options_stand_in_the_runners_guide() -> None:
    text = (ROOT / "docs/runner.md").read_text()
    context = click.Context(main)
    for name in main.list_commands(context):
        assert f"`{name} " in text or f"| `{name}" in text, name


def test_what_the_requirements_name_exists(db: psycopg.Connection) -> None:
    text = (ROOT / "docs/requirements.md").read_text()
    for path in re.findall(
        r"`((?:audit|core|finance|house|identity|ledger|party|runner)/(?:\w+\.py)?)`", text
    ):
        assert (ROOT / "tests" / path).exists(), path
    for path in re.findall(r"`((?:migrations|sql|seeds|docs|pgerp)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
    for name in set(re.findall(r"`((?:audit|core|finance|identity|ledger|party)\.\w+)`", text)):
        found = value(
            db,
            """SELECT to_regclass(%(n)s) IS NOT NULL OR to_regtype(%(n)s) IS NOT NULL
            OR EXISTS (SELECT FROM pg_proc
                WHERE pronamespace::regnamespace || '.' || proname = %(n)s)""",
            {"n": name},
        )
        assert found, name


def test_requirements_rows_are_complete() -> None:
    text = (ROOT / "docs/requirements.md").read_text()
    ids = re.findall(r"^\| ([FMBSI]\d+) \|", text, re.MULTILINE)
    wanted = {"F": 13, "M": 8, "B": 12, "S": 8, "I": 6}
    assert ids == [f"{letter}{n}" for letter, last in wanted.items() for n in range(1, last + 1)]
    for row in re.findall(r"^\| [FMBSI]\d+ \|.*$", text, re.MULTILINE):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 5, row
        if cells[2] == "done":
            assert cells[3] and cells[4], row
