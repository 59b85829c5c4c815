"""`pgerp services status` and `verify`: what a person sees, and exit codes for a watcher."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp.db import connect
from pgerp.services import replicate
from pgerp.services.routes import feeds
from pgerp.services.setup import read_routes
from tests.pgtap import value
from tests.runner.support import until
from tests.servers import Server
from tests.topology.commands import Commands, execute
from tests.topology.scenario import Company
from tests.topology.sites import Spread


@pytest.fixture
def commands(spread: Spread, server: Server, tmp_path: Path) -> Commands:
    commands = Commands(tmp_path / "topology.toml", server.database("postgres"))
    commands.write_topology(spread.topology)
    return commands


def state(commands: Commands) -> tuple[int, str]:
    outcome = commands.run("status", "--json")
    return outcome.code, outcome.json["state"]


def test_the_table_the_json_and_the_exit_code_say_what_is_wrong(
    spread: Spread, commands: Commands
) -> None:
    hr, payroll = spread.service("hr"), spread.service("payroll")
    events = f"pgerp_{hr.name}_to_{payroll.name}"
    until(lambda: state(commands) == (0, "clean"))
    shown = commands.run("status")
    for one in spread.topology.services.values():
        assert one.name in shown.out
    assert shown.out.count("ok") == 3
    assert commands.run("verify").out == "the databases tell the same\n"

    # What waits for a handler is work that is pending.
    company = Company(spread)
    company.act("hr", "SELECT hr.create_department('MAIN', 'SALES', 'Sales')")
    hire = "SELECT hr.hire_employee('MAIN', 'E001', 'One', 'SALES', '2025-01-01', 1000)"
    company.act("hr", hire)
    spread.arrived()
    assert state(commands) == (1, "pending")
    found = {one["name"]: one for one in commands.run("status", "--json").json["services"]}
    assert (found[payroll.name]["waiting"], found[payroll.name]["feeds"]) == (1, 3)
    assert found[payroll.name]["database"] == payroll.database

    # Parked.
    execute(
        payroll.url,
        "UPDATE events.pending SET status = 'parked', last_sqlstate = '23514', last_error = 'x'",
    )
    shown = commands.run("status")
    assert shown.code == 2
    assert f"{payroll.name}: 1 events are parked" in shown.out
    execute(payroll.url, "UPDATE events.pending SET status = 'waiting'")
    spread.settle()

    # Disabled; what is written meanwhile is lag of the source, and a difference.
    execute(payroll.url, f"ALTER SUBSCRIPTION {events} DISABLE")

    def unread() -> bool:
        return f"nobody reads slot {events}" in commands.run("status").out

    until(unread)
    company.act("hr", "SELECT hr.rename_employee('MAIN', 'E001', %s)", "x" * 200)
    execute(hr.url, "SELECT pg_logical_emit_message(false, 'pgerp', repeat('x', 400000))")
    until(lambda: lag(commands, hr.name) > 200_000)
    shown = commands.run("status", "--json")
    assert (shown.code, shown.json["state"]) == (2, "broken")
    found = {one["name"]: one for one in shown.json["services"]}
    assert found[payroll.name]["troubles"] == [f"subscription {events} is disabled"]
    assert found[hr.name]["sentences"] == [f"nobody reads slot {events}"]
    differs = commands.run("verify")
    assert differs.code == 2
    assert f"{hr.name} emitted 2 events that {payroll.name} hears of, which has 1" in differs.out
    assert "1 differences" in differs.out
    execute(payroll.url, f"ALTER SUBSCRIPTION {events} ENABLE")
    spread.settle()
    until(lambda: state(commands) == (0, "clean"))


def lag(commands: Commands, name: str) -> int:
    found = commands.run("status", "--json").json["services"]
    return int(next(one["lag_bytes"] for one in found if one["name"] == name))


def test_a_worker_that_cannot_live_is_named_and_up_or_the_remedy_heals_it(
    spread: Spread, commands: Commands
) -> None:
    hr, payroll = spread.service("hr"), spread.service("payroll")
    events = f"pgerp_{hr.name}_to_{payroll.name}"
    until(lambda: state(commands) == (0, "clean"))
    dead = f"{payroll.name}: subscription {events} has no worker"
    # The table refuses what comes: the worker is started again and again.
    company = Company(spread)
    company.act("hr", "SELECT hr.create_department('MAIN', 'SALES', 'Sales')")
    execute(payroll.url, "ALTER TABLE events.event_store ADD CONSTRAINT no CHECK (actor <> 'bob')")
    company.act(
        "hr",
        "SELECT hr.hire_employee('MAIN', 'E001', 'One', 'SALES', '2025-01-01', 1000)",
        who="bob",
    )
    until(lambda: dead in commands.run("status").out)
    assert commands.run("status").code == 2
    execute(payroll.url, "ALTER TABLE events.event_store DROP CONSTRAINT no")
    spread.settle()
    until(lambda: state(commands) == (0, "clean"))
    assert value(spread.at("payroll"), "SELECT name FROM payroll.employee_cache") == "One"


def test_a_database_that_is_away_does_not_hide_the_others(
    spread: Spread, commands: Commands
) -> None:
    spread.forget()
    hr = spread.service("hr")
    execute(commands.server_url, f"ALTER DATABASE {hr.database} ALLOW_CONNECTIONS false")
    try:
        shown = commands.run("status", "--json")
        assert (shown.code, shown.json["state"]) == (2, "broken")
        found = {one["name"]: one["problem"] for one in shown.json["services"]}
        assert "does not accept connections" in found.pop(hr.name)
        assert set(found.values()) == {None}
        assert "unknown" in commands.run("status").out
    finally:
        execute(commands.server_url, f"ALTER DATABASE {hr.database} ALLOW_CONNECTIONS true")


def test_a_first_copy_that_fails_or_is_not_done_is_named(
    spread: Spread, commands: Commands
) -> None:
    hr, payroll = spread.service("hr"), spread.service("payroll")
    name = f"pgerp_{hr.name}_to_{payroll.name}"
    company = Company(spread)
    company.hire(1, 1)
    until(lambda: state(commands) == (0, "clean"))
    with connect(payroll.url) as conn:
        replicate.unsubscribe(conn, name)
        conn.execute("SET session_replication_role = replica")
        conn.execute("DELETE FROM events.event_store")
    # What is copied waits for whoever holds the table.
    wanted = feeds(spread.topology, read_routes(spread.topology))
    with connect(payroll.url) as holder:
        with holder.transaction():
            holder.execute("LOCK TABLE events.event_store IN SHARE MODE")
            replicate.begin(next(feed for feed in wanted if feed.name == name))
            copy = f"{payroll.name}: subscription {name}: the first copy of events.event_store"
            until(lambda: f"{copy} is under way for" in commands.run("status").out)
            assert state(commands) == (1, "pending")
            found = {one["name"]: one for one in commands.run("status", "--json").json["services"]}
            assert len(found[payroll.name]["copies"]) == 1
            assert found[payroll.name]["sentences"] == found[hr.name]["copies"] == []
            holder.execute(
                "ALTER TABLE events.event_store ADD CONSTRAINT no CHECK (actor = 'x') NOT VALID"
            )
        # Now it is refused, again and again.
        until(lambda: f"{copy} has failed " in commands.run("status").out)
        assert state(commands) == (2, "broken")
        holder.execute("ALTER TABLE events.event_store DROP CONSTRAINT no")
    spread.settle()
    until(lambda: state(commands) == (0, "clean"))
