"""Who may run migrations: a clear refusal before anything is half done."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from tests.runner.support import Demo

STEM = "20260101_0900_core_one"


@pytest.fixture
def roles(empty_database: str, server: object) -> Iterator[tuple[str, str]]:
    """Two roles of this test alone: an owner, and a login with nothing granted."""
    key = uuid.uuid4().hex[:12]
    owner, login = f"owner_{key}", f"login_{key}"
    with connect(empty_database) as conn:
        conn.execute(f"CREATE ROLE {owner}; CREATE ROLE {login} LOGIN PASSWORD 'x'".encode())
        yield owner, login
        conn.execute(f"DROP OWNED BY {owner}, {login}".encode())
        conn.execute(f"DROP ROLE {owner}, {login}".encode())


def log_in(url: str, role: str) -> str:
    return build_url({**parse_url(url), "user": role, "password": "x"})


@pytest.fixture
def demo(tmp_path: Path, empty_database: str, roles: tuple[str, str]) -> Demo:
    demo = Demo(tmp_path / "demo", empty_database, owner=roles[0])
    demo.migration(STEM, "CREATE TABLE public.t (id int);", "DROP TABLE public.t;")
    return demo


def grant(demo: Demo, text: str) -> None:
    with demo.session() as conn:
        conn.execute(text.encode())


def let_create(demo: Demo, owner: str) -> None:
    database = demo.value("SELECT current_database()")
    grant(demo, f'GRANT CREATE ON DATABASE "{database}" TO {owner}')
    grant(demo, f"GRANT CREATE ON SCHEMA public TO {owner}")


def test_the_owner_role_owns_what_migrations_and_the_runner_make(
    demo: Demo, roles: tuple[str, str]
) -> None:
    owner, _ = roles
    let_create(demo, owner)
    assert demo.run("up").code == 0
    tables = ("t", "pgerp.migrations", "pgerp.history", "_yoyo_migration")
    for table in tables:
        query = f"SELECT relowner::regrole::text FROM pg_class WHERE oid = '{table}'::regclass"
        assert demo.value(query) == owner


def test_a_member_of_the_owner_role_may_run_everything(demo: Demo, roles: tuple[str, str]) -> None:
    owner, login = roles
    let_create(demo, owner)
    grant(demo, f"GRANT {owner} TO {login}")
    demo.url = log_in(demo.url, login)
    assert demo.run("up").code == 0
    assert demo.rows("SELECT applied_by FROM pgerp.migrations") == [(login,)]
    assert demo.run("status").code == 0
    assert demo.run("down", "--yes").code == 0


def test_a_stranger_is_refused_before_anything_is_done(demo: Demo, roles: tuple[str, str]) -> None:
    owner, login = roles
    superuser, demo.url = demo.url, log_in(demo.url, login)
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "42501" in outcome.err
    assert owner in outcome.err
    assert login in outcome.err
    demo.url = superuser
    assert demo.value("SELECT to_regnamespace('pgerp') IS NULL AND to_regclass('t') IS NULL")


def test_an_owner_without_create_is_refused_before_anything_is_done(
    demo: Demo, roles: tuple[str, str]
) -> None:
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "42501" in outcome.err
    assert roles[0] in outcome.err
    assert demo.value("SELECT to_regnamespace('pgerp') IS NULL AND to_regclass('t') IS NULL")


def test_an_owner_role_that_is_missing_is_named(demo: Demo) -> None:
    demo.write("pgerp.toml", '[project]\nname = "pgerp"\nowner = "nobody_of_this_name"\n')
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "42704" in outcome.err
    assert "nobody_of_this_name" in outcome.err


def test_a_roles_file_that_may_not_be_run_is_an_error_with_its_line(
    demo: Demo, roles: tuple[str, str]
) -> None:
    _, login = roles
    demo.write("sql/roles.sql", "SELECT 1;\nCREATE ROLE somebody_else_here;\n")
    demo.url = log_in(demo.url, login)
    outcome = demo.run("up")
    assert outcome.code == 2
    assert "roles.sql:2" in outcome.err
    assert "42501" in outcome.err


def test_a_roles_file_is_run_again_when_the_owner_role_is_missing(
    demo: Demo, roles: tuple[str, str]
) -> None:
    demo.write("pgerp.toml", '[project]\nname = "pgerp"\n')
    demo.write(
        "sql/roles.sql", "CREATE TABLE IF NOT EXISTS ran (id int);\nINSERT INTO ran VALUES (1);\n"
    )
    assert demo.run("up").code == 0
    demo.write("pgerp.toml", '[project]\nname = "pgerp"\nowner = "nobody_of_this_name"\n')
    assert demo.run("up").code == 2
    assert demo.value("SELECT count(*) FROM ran") == 2


def test_a_reader_of_the_ledger_may_ask_for_the_status(demo: Demo, roles: tuple[str, str]) -> None:
    _, login = roles
    demo.write("pgerp.toml", '[project]\nname = "pgerp"\n')
    demo.run("up")
    superuser, demo.url = demo.url, log_in(demo.url, login)
    outcome = demo.run("status")
    assert outcome.code == 2
    assert "42501" in outcome.err
    reader, demo.url = demo.url, superuser
    grant(demo, f"GRANT USAGE ON SCHEMA pgerp TO {login};"
          f" GRANT SELECT ON ALL TABLES IN SCHEMA pgerp TO {login}")  # fmt: skip
    demo.url = reader
    assert demo.run("status").code == 0
    assert demo.run("plan").code == 0


def test_a_statement_that_the_owner_may_not_run_is_undone_with_its_file(
    demo: Demo, roles: tuple[str, str]
) -> None:
    owner, _ = roles
    let_create(demo, owner)
    demo.migration(STEM, "CREATE TABLE public.t (id int);\nCREATE ROLE somebody_else_here;\n")
    outcome = demo.run("up")
    assert outcome.code == 2
    assert f"{STEM}.sql:2" in outcome.err
    assert "42501" in outcome.err
    assert not demo.has("t")
