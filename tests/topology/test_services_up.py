"""`pgerp services up`: from nothing, again, cut short at every step, and what it will not touch."""

from __future__ import annotations

import itertools
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgerp.db import connect
from pgerp.progress import Silent
from pgerp.project import own_project
from pgerp.services.setup import up
from pgerp.services.topology import load
from pgerp.transaction import Settings
from tests.pgtap import value
from tests.runner.support import finish, until
from tests.servers import Server
from tests.topology.commands import Commands, execute
from tests.topology.templates import Templates

_NUMBER = itertools.count(1)
TOPOLOGY = """identity = "books_S"
[services.books_S]
database = "books_S"
modules = ["ledger"]
[services.people_S]
database = "people_S"
modules = ["hr", "payroll"]
"""
OWNERS = """
SELECT DISTINCT r.rolname, r.rolsuper, r.rolbypassrls, s.subenabled
FROM pg_subscription AS s INNER JOIN pg_roles AS r ON r.oid = s.subowner
WHERE s.subname LIKE %s"""


class Pair:
    """Two services on the test's server, under names of the test's own."""

    def __init__(self, commands: Commands, suffix: str) -> None:
        self.commands = commands
        self.suffix = suffix
        commands.write(TOPOLOGY.replace("_S", f"_{suffix}"))
        self.topology = load(commands.path, commands.server_url)

    def url(self, name: str) -> str:
        return self.topology.services[f"{name}_{self.suffix}"].url

    def is_whole(self) -> bool:
        with connect(self.commands.server_url) as conn:
            owners = conn.execute(OWNERS, [f"%{self.suffix}"]).fetchall()
        kinds = [thing.split()[0] for thing in self.commands.there(self.suffix)]
        return owners == [("pgerp_subscriber", False, True, True)] and kinds == [
            *["database"] * 2,
            *["slot"] * 3,
            *["subscription"] * 3,
        ]


@pytest.fixture
def filled(pair: Pair, templates: Templates) -> Pair:
    """The same, whose databases are there and migrated: the first steps are done."""
    templates.fill(pair.topology)
    return pair


@pytest.fixture
def pair(tmp_path: Path, server: Server) -> Iterator[Pair]:
    commands = Commands(tmp_path / "t.toml", server.database("postgres"))
    pair = Pair(commands, f"u{os.getpid()}_{next(_NUMBER)}")
    try:
        yield pair
    finally:
        gone = commands.run("down", "--yes", "--drop-databases")
        assert (gone.code, commands.there(pair.suffix)) == (0, []), gone


class Cut(Exception):
    """Stops what runs."""


def test_cut_short_after_every_step_it_goes_on_and_then_there_is_nothing_to_do(pair: Pair) -> None:
    said: list[str] = []

    def cut(line: str) -> None:
        said.append(line)
        raise Cut

    def once(say: Callable[[str], None]) -> None:
        up(pair.topology, [own_project()], settings=Settings(), progress=Silent(), say=say)

    while True:
        before = len(said)
        try:
            once(cut)
        except Cut:
            continue
        assert len(said) == before
        break
    told = " ".join(said)
    for step in (r"database \S+ made", r"migrations applied", r"publication \S+ made"):
        assert len(re.findall(step, told)) >= 2, step
    assert len(re.findall("subscribed to", told)) == 3
    assert len(set(said)) == len(said)
    assert pair.is_whole()
    again = pair.commands.run("up")
    assert (again.code, again.out, again.err) == (0, "nothing to do\n", "")
    # A slot without its subscription, and the other way round: the destination has nothing yet.
    slot = f"pgerp_people_{pair.suffix}_to_books_{pair.suffix}"
    execute(
        pair.url("books"),
        f"ALTER SUBSCRIPTION {slot} DISABLE",
        f"ALTER SUBSCRIPTION {slot} SET (slot_name = NONE)",
    )
    assert "subscribed to" in pair.commands.run("up").out
    execute(pair.url("books"), f"ALTER SUBSCRIPTION {slot} DISABLE")
    gone = f"SELECT pg_drop_replication_slot('{slot}') WHERE NOT (SELECT active FROM"
    gone += f" pg_replication_slots WHERE slot_name = '{slot}')"

    def drop() -> bool:
        with connect(pair.url("people")) as conn:
            return bool(conn.execute(gone.encode()).fetchall())

    until(drop)
    assert "subscribed to" in pair.commands.run("up").out
    assert pair.is_whole()


def test_killed_on_its_way_it_completes_the_next_time(pair: Pair) -> None:
    with pair.commands.spawn("up") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "publication" in line:
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
    with pair.commands.spawn("up") as process:
        outcome = finish(process)
    assert outcome.code == 0, outcome
    assert "subscribed to" in outcome.out
    assert pair.is_whole()
    # What was changed by hand is put right. A worker of a role that may not log in never starts.
    name = f"pgerp_people_{pair.suffix}_to_books_{pair.suffix}"
    execute(
        pair.url("books"),
        f"ALTER SUBSCRIPTION {name} DISABLE",
        f"ALTER SUBSCRIPTION {name} CONNECTION 'dbname=elsewhere'",
        f"ALTER SUBSCRIPTION {name} OWNER TO current_user",
    )
    assert not pair.is_whole()
    mended = pair.commands.run("up")
    assert mended.code == 0
    assert len(re.findall(f"subscription {name} ", mended.out)) == 3
    assert pair.is_whole()
    with connect(pair.url("books")) as conn:
        address = value(conn, "SELECT subconninfo FROM pg_subscription WHERE subname = %s", [name])
    assert f"dbname=people_{pair.suffix}" in address
    publication = f"pgerp_to_books_{pair.suffix}"
    sets = f"ALTER SUBSCRIPTION {name} SET PUBLICATION {{}} WITH (refresh = false)"
    execute(pair.url("books"), sets.format("pgerp_elsewhere"))
    refused = pair.commands.run("up")
    assert refused.code == 2
    assert "to something else" in refused.err
    execute(pair.url("books"), sets.format(publication))
    assert pair.commands.run("up").out == "nothing to do\n"


def test_a_service_that_is_left_out_of_the_file_is_not_cut_off_while_it_reads(filled: Pair) -> None:
    assert filled.commands.run("up").code == 0
    whole = filled.commands.path.read_text()
    filled.commands.write(whole.partition(f"[services.people_{filled.suffix}]")[0])
    refused = filled.commands.run("up")
    assert refused.code == 2
    assert "the topology does not have" in refused.err
    assert filled.is_whole()
    filled.commands.write(whole)
    removed = filled.commands.run("down", "--yes", "--service", f"people_{filled.suffix}")
    assert removed.code == 0
    there = filled.commands.there(filled.suffix)
    assert [thing.split()[0] for thing in there] == ["database", "database"]
    # Nobody reads it: what is left over of a service that was taken down keeps all WAL.
    slot = f"pgerp_books_{filled.suffix}_to_people_{filled.suffix}"
    execute(filled.url("books"), f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')")
    filled.commands.write(whole.partition(f"[services.people_{filled.suffix}]")[0])
    assert f"slot {slot} dropped" in filled.commands.run("up").out
    filled.commands.write(whole)


def test_another_databases_slot_of_the_same_name_is_refused_and_left(filled: Pair) -> None:
    slot = f"pgerp_people_{filled.suffix}_to_books_{filled.suffix}"
    execute(
        filled.commands.server_url,
        f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')",
    )
    try:
        refused = filled.commands.run("up")
        assert refused.code == 2
        assert "of another database" in refused.err
        assert "It is that of postgres" in refused.err
        assert filled.commands.run("down", "--yes", "--drop-databases").code == 0
        assert filled.commands.there(filled.suffix) == [f"slot {slot}"]
    finally:
        execute(filled.commands.server_url, f"SELECT pg_drop_replication_slot('{slot}')")


def test_a_database_of_something_else_is_neither_taken_over_nor_dropped(
    pair: Pair, clone: str
) -> None:
    whole = pair.commands.path.read_text()
    ours = f'database = "people_{pair.suffix}"'

    def refused(url: str, *words: str) -> None:
        pair.commands.write(whole.replace(ours, f'url = "{url}"'))
        for action in (["up"], ["down", "--yes", "--drop-databases"]):
            outcome = pair.commands.run(*action)
            assert outcome.code == 2, outcome
            assert any(word in outcome.err for word in words), outcome.err
        assert pair.commands.there(pair.suffix) == []
        pair.commands.write(whole)

    refused(clone, "has all modules", "not that of service")
    execute(clone, "UPDATE events.settings SET service = 'sales'")
    refused(clone, 'that of service "sales"', "not that of service")
    execute(
        clone,
        "UPDATE events.settings SET service = DEFAULT",
        "CREATE TABLE pgerp.modules AS SELECT 'ledger' AS name",
    )
    refused(clone, 'has module "ledger"', "not that of service")
