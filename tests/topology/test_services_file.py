"""A topology file with a mistake: told in one paragraph, exit 2, and nothing is made."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from pgerp.services.routes import identity_subscription, subscription
from pgerp.services.topology import Service, load
from tests.runner.support import ROOT
from tests.servers import Server
from tests.topology.commands import Commands, execute

_NUMBER = itertools.count(1)


@pytest.fixture
def suffix() -> str:
    return f"f{os.getpid()}_{next(_NUMBER)}"


@pytest.fixture
def commands(tmp_path: Path, server: Server) -> Commands:
    return Commands(tmp_path / "topology.toml", server.database("postgres"))


def two(suffix: str, first: str, second: str, identity: str = "books") -> str:
    return f"""identity = "{identity}"
[services.books]
database = "books_{suffix}"
{first}
[services.people]
database = "people_{suffix}"
{second}
"""


LEDGER, HR = 'modules = ["ledger"]', 'modules = ["hr"]'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (two("S", "modules = [", HR), ["cannot be read", "TOML"]),
        (two("S", LEDGER, 'modules = ["hrr"]'), ['no module "hrr"', "payroll"]),
        (two("S", LEDGER, 'modules = ["messaging"]'), ["messaging needs party"]),
        (two("S", LEDGER, LEDGER), ['books and people both have "ledger"']),
        (two("S", LEDGER, HR, "nobody"), ["identity names the service"]),
        (two("S", LEDGER, HR).replace("people_S", "books_S"), ["have one database"]),
        (two("S", LEDGER, HR).replace("[services.people]", "[services.People]"), ['"People"']),
        (two("S", LEDGER, HR).replace("people]", "p" * 21 + "]"), ["at most 20"]),
        (two("S", LEDGER, 'modules = "hr"'), ["modules is a list"]),
        (two("S", LEDGER, 'modules = ["core"]'), ["every database has core"]),
        (two("S", LEDGER, HR + '\nurl = "postgresql:///x"'), ["either a url or a database"]),
        (two("S", LEDGER, HR).replace('database = "people_S"', ""), ["either a url or a database"]),
        (two("S", LEDGER, HR + '\nport = "5432"'), ["[services.people] may hold"]),
        ('identity = "books"\n', ["[services.<name>]"]),
        (two("S", LEDGER, HR) + '[other]\nx = "y"\n', ["It holds identity"]),
    ],
)
def test_a_mistake_in_the_file_is_told_and_nothing_is_made(
    commands: Commands, suffix: str, text: str, words: list[str]
) -> None:
    commands.write(text.replace("_S", f"_{suffix}"))
    outcome = commands.run("up")
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err
    assert commands.there(suffix) == []


def test_a_file_that_is_not_there_or_not_text_is_told(commands: Commands) -> None:
    outcome = commands.run("status")
    assert (outcome.code, "No such file" in outcome.err) == (2, True)
    commands.path.write_bytes(b"\xff\xfe")
    assert commands.run("status").code == 2


def test_a_server_that_does_not_answer_is_told_before_anything_is_made(
    commands: Commands, suffix: str
) -> None:
    text = two(suffix, LEDGER, HR)
    for url in ("postgresql://127.0.0.1:1/people", "mysql://db/people", "postgresql://a:b@c@d/x"):
        commands.write(text.replace(f'database = "people_{suffix}"', f'url = "{url}"'))
        outcome = commands.run("up")
        assert (outcome.code, outcome.err.count("\n")) == (2, 1), outcome
        assert commands.there(suffix) == []


def test_one_database_under_two_addresses_is_refused(
    commands: Commands, suffix: str, server: Server
) -> None:
    # libpq takes options that change nothing about where it goes.
    again = server.database(f"books_{suffix}").replace("postgresql://", "postgres://")
    again = again.replace("port=5432", "port=5432,5432").replace("host=", "host=/nowhere,")
    text = two(suffix, LEDGER, HR)
    commands.write(text.replace(f'database = "people_{suffix}"', f'url = "{again}"'))
    outcome = commands.run("up")
    assert outcome.code == 2
    assert "under two addresses" in outcome.err
    assert commands.there(suffix) == []


def test_a_role_that_is_no_superuser_is_refused(
    commands: Commands, suffix: str, server: Server
) -> None:
    role = f"plain_{suffix}"
    execute(server.database("postgres"), f"CREATE ROLE {role} LOGIN CREATEDB CREATEROLE")
    try:
        commands.write(two(suffix, LEDGER, HR))
        commands.server_url = server.database("postgres").replace("postgres@", f"{role}@")
        outcome = commands.run("up")
        assert outcome.code == 2
        assert "42501" in outcome.err
        assert "superuser" in outcome.err
    finally:
        commands.server_url = server.database("postgres")
        assert commands.there(suffix) == []
        execute(server.database("postgres"), f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("up", ["--service", "books"]),
        ("status", ["--service", "books"]),
        ("verify", ["--json"]),
        ("down", ["--once"]),
        ("resync", ["--service", "books", "--drop-databases"]),
    ],
)
def test_an_option_of_another_action_is_refused(
    commands: Commands, suffix: str, action: str, words: list[str]
) -> None:
    commands.write(two(suffix, LEDGER, HR))
    assert commands.run(action, *words).code == 2
    assert commands.there(suffix) == []


def test_a_service_that_is_not_in_the_file_is_told(commands: Commands, suffix: str) -> None:
    commands.write(two(suffix, LEDGER, HR))
    for action in ("down", "resync", "worker"):
        outcome = commands.run(action, "--service", "payrol")
        assert outcome.code == 2
        assert 'no service "payrol"' in outcome.err
    outcome = commands.run("resync")
    assert (outcome.code, "--service NAME" in outcome.err) == (2, True)


def test_names_as_long_as_they_may_be_fit_into_the_name_of_a_slot() -> None:
    eight = load(ROOT / "sql" / "topologies" / "eight.toml", "postgresql:///postgres")
    assert len(eight.services) == 8
    longest = [Service(letter * 20, frozenset(), "") for letter in "ab"]
    assert max(len(name(*longest)) for name in (identity_subscription, subscription)) <= 63
