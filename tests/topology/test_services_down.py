"""`pgerp services down`: asks, leaves nothing, drops no database that it was not told to drop."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp.db import connect
from pgerp.services import teardown
from pgerp.services.teardown import down, plan_down
from tests.pgtap import value
from tests.runner.support import until
from tests.servers import Server
from tests.topology.commands import Commands, execute, publications
from tests.topology.sites import Spread


@pytest.fixture
def commands(spread: Spread, server: Server, tmp_path: Path) -> Commands:
    commands = Commands(tmp_path / "topology.toml", server.database("postgres"))
    commands.write_topology(spread.topology)
    return commands


@pytest.fixture
def suffix(spread: Spread) -> str:
    return spread.topology.identity.name.partition("_")[2]


def kinds(commands: Commands, suffix: str) -> set[str]:
    return {thing.split()[0] for thing in commands.there(suffix)}


@pytest.fixture
def answering(commands: Commands) -> Iterator[list[int]]:
    """A terminal: (what a person writes to, what the program reads from)."""
    ends = list(pty.openpty())
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def test_down_asks_and_does_nothing_without_a_yes(
    commands: Commands, suffix: str, answering: list[int]
) -> None:
    before = commands.there(suffix)
    refused = commands.run("down")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert refused.out.count("drops ") == 5 + 5 + 4  # subscriptions, slots, publications
    with commands.spawn("down", stdin=answering[1]) as process:
        os.write(answering[0], b"n\n")
        assert process.wait() == 2
    assert commands.there(suffix) == before
    with commands.spawn("down", stdin=answering[1]) as process:
        os.write(answering[0], b"y\n")
        assert process.wait() == 0
    assert kinds(commands, suffix) == {"database"}


def test_what_runs_between_goes_and_the_data_stay_until_they_are_to_go_too(
    spread: Spread, commands: Commands, suffix: str
) -> None:
    tenant = value(spread.at("ledger"), "SELECT identity.create_tenant('Kept')")
    spread.arrived()
    gone = commands.run("down", "--yes")
    assert gone.code == 0
    assert gone.out.count(" dropped\n") == 14
    assert kinds(commands, suffix) == {"database"}
    for module in ("hr", "payroll", "ledger"):
        assert publications(spread.at(module)) == []
        assert value(spread.at(module), "SELECT id FROM identity.tenants") == tenant
    assert commands.run("down", "--yes").out == "nothing to do\n"
    # Back again: by comparison, since what happened meanwhile is in no slot.
    value(spread.at("ledger"), "SELECT identity.create_tenant('Meanwhile')")
    assert commands.run("up").code == 2
    names = [word for name in spread.topology.services for word in ("--service", name)]
    assert commands.run("resync", *names).code == 0
    until(lambda: commands.run("status").code == 0)
    assert commands.run("verify").code == 0
    assert commands.run("up").out == "nothing to do\n"
    spread.forget()
    assert commands.run("down", "--yes", "--drop-databases").code == 0
    assert commands.there(suffix) == []
    assert commands.run("down", "--yes", "--drop-databases").out == "nothing to do\n"


def test_cut_short_after_every_step_it_goes_on(
    spread: Spread, commands: Commands, suffix: str
) -> None:
    said: list[str] = []

    class Cut(Exception):
        pass

    def cut(line: str) -> None:
        said.append(line)
        raise Cut

    while (removal := plan_down(spread.topology, (), drop_databases=True)).steps:
        with pytest.raises(Cut):
            down(removal, say=cut)
    assert len(said) == len(set(said)) == 14 + 3
    assert commands.there(suffix) == []


def test_a_database_that_somebody_uses_is_not_dropped_and_nothing_is_done(
    spread: Spread, commands: Commands, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teardown, "PATIENCE_S", 0.3)
    payroll = spread.service("payroll")
    before = commands.there(suffix)

    def refused(what: str) -> None:
        outcome = commands.run("down", "--yes", "--drop-databases")
        assert outcome.code == 2
        assert what in outcome.err
        assert commands.there(suffix) == before

    spread.forget()
    with connect(payroll.url, application_name="till"):
        refused("(till)")
    execute(payroll.url, "SELECT pg_create_logical_replication_slot('warehouse', 'pgoutput')")
    refused("replication slot warehouse")
    execute(
        payroll.url,
        "SELECT pg_drop_replication_slot('warehouse')",
        "CREATE SUBSCRIPTION lake CONNECTION 'dbname=lake' PUBLICATION lake"
        " WITH (connect = false, slot_name = NONE)",
    )
    refused("subscription lake")
    execute(payroll.url, "DROP SUBSCRIPTION lake")
    # What is not ours does not stand in the way of the rest, and stays.
    execute(payroll.url, "CREATE PUBLICATION lake")
    assert commands.run("down", "--yes").code == 0
    with connect(payroll.url) as conn:
        assert publications(conn) == ["lake"]
