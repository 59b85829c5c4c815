"""Services on two servers: what is not fit, what is lost, and what cannot be reached."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp.db import connect
from pgerp.server import EmbeddedServer
from pgerp.services.topology import load
from tests.pgtap import results_eq, value
from tests.runner.support import ROOT, until
from tests.servers import Server, SystemServer
from tests.topology.commands import Commands, execute
from tests.topology.scenario import Company
from tests.topology.sites import Spread

SUFFIX = f"two{os.getpid()}"
TOPOLOGY = f"""identity = "books_{SUFFIX}"
[services.books_{SUFFIX}]
database = "books_{SUFFIX}"
modules = ["ledger", "payroll"]
[services.people_{SUFFIX}]
url = "URL"
modules = ["hr"]
"""
EVENTS = f"pgerp_people_{SUFFIX}_to_books_{SUFFIX}"


class Second:
    """Another server of the same version, that is stopped and started as the test likes."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._folder, self._programs = folder, Path(server.bin)
        self._system = SystemServer(folder, self._programs) if server.kind == "system" else None
        version = 16 if server.kind == "embedded16" else 18
        self._embedded = EmbeddedServer(folder, version, durable=False)

    def start(self) -> str:
        """Start it; return the address of its database postgres."""
        if self._system:
            return self._system.start()
        self._embedded.start()
        return self._embedded.url("postgres")

    def stop(self) -> None:
        """Stop it."""
        (self._system or self._embedded).stop()

    def set(self, **settings: str) -> None:
        """Change settings and start it again."""
        if self._system:
            # Its settings are arguments.
            self.stop()
            self._system = SystemServer(self._folder, self._programs, **settings)
            self.start()
            return
        execute(
            self.start(),
            "ALTER SYSTEM RESET ALL",
            *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in settings.items()),
        )
        self.stop()
        self.start()


@pytest.fixture
def second(server: Server, server_directory: Path) -> Iterator[Second]:
    second = Second(server, server_directory)
    try:
        yield second
    finally:
        second.stop()


@pytest.fixture
def commands(server: Server, second: Second, tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path / "topology.toml", server.database("postgres"))
    url = second.start().replace("/postgres?", f"/people_{SUFFIX}?")
    commands.write(TOPOLOGY.replace("URL", url))
    try:
        yield commands
    finally:
        second.start()
        assert commands.run("down", "--yes", "--drop-databases").code == 0
        assert commands.there(SUFFIX) == []
        commands.server_url = second.start()
        assert commands.there(SUFFIX) == []
        with connect(commands.server_url) as conn:
            # Roles are the server's and stay; what one of them had for this does not.
            passes = "SELECT bool_or(rolbypassrls) FROM pg_roles WHERE rolname = 'pgerp_subscriber'"
            assert not value(conn, passes)
            strange = "SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_|postgres$)'"
            roles = (ROOT / "sql" / "roles.sql").read_text()
            found = [name for (name,) in conn.execute(strange).fetchall()]
            assert [
                name for name in found if name.removeprefix("pgerp_service_") not in roles
            ] == []


def test_a_server_that_is_not_fit_is_named_and_nothing_is_made_on_the_other(
    commands: Commands, second: Second
) -> None:
    for setting, number, told in (
        ("wal_level", "replica", "does not replicate by rows"),
        ("max_replication_slots", "4", "max_replication_slots = 5"),
        ("max_wal_senders", "4", "max_wal_senders = 5"),
        ("max_logical_replication_workers", "4", "max_logical_replication_workers = 5"),
        ("max_worker_processes", "12", "max_worker_processes = 13"),
    ):
        second.set(**{setting: number})
        refused = commands.run("up")
        assert refused.code == 2
        assert told in refused.err
        assert commands.there(SUFFIX) == []
    # Room for rows of identity, but not for events too: told before anything is replicated.
    second.set(max_replication_slots="5")
    refused = commands.run("up")
    assert refused.code == 2
    assert "no room for 2 subscriptions" in refused.err
    assert commands.there(SUFFIX) == [f"database books_{SUFFIX}"]
    second.set()
    assert commands.run("up").code == 0


def test_two_servers_a_lost_slot_and_a_server_that_is_away(
    commands: Commands, second: Second, server: Server
) -> None:
    assert commands.run("up").code == 0
    site = Spread(server.database("postgres"), SUFFIX)
    site.topology = load(commands.path, commands.server_url)
    try:
        company = Company(site)
        company.hire(1, 2)
        name = "SELECT name FROM payroll.employee_cache WHERE employee_no = 'E001'"
        results_eq(site.at("payroll"), name, [("Person 1",)])
        until(lambda: commands.run("status").code == 0)
        lose_slot(site, second)
        company.rename(1, "While the slot was lost")
        ill = commands.run("status")
        assert ill.code == 2
        assert f"slot {EVENTS} is lost" in ill.out
        assert commands.run("up").code == 2
        healed = commands.run("resync", "--service", f"books_{SUFFIX}")
        assert "1 events brought" in healed.out
        site.settle()
        results_eq(site.at("payroll"), name, [("While the slot was lost",)])
        until(lambda: commands.run("status").code == 0)
        assert commands.run("up").out == "nothing to do\n"
        cannot_log_in(commands, second)
        company.rename(1, "Later")
        site.settle()
        results_eq(site.at("payroll"), name, [("Later",)])
    finally:
        site.forget()
    second.stop()
    seen = commands.run("status")
    assert seen.code == 2
    assert f"people_{SUFFIX}: " in seen.out
    assert commands.run("verify").code == 2
    for words in ([], ["--service", f"people_{SUFFIX}"], ["--drop-databases"]):
        refused = commands.run("down", "--yes", *words)
        assert refused.code == 2
        assert f"people_{SUFFIX} cannot be reached" in refused.err
    assert f"--service books_{SUFFIX}" in refused.err
    assert len(commands.there(SUFFIX)) == 3
    left = commands.run("down", "--yes", "--drop-databases", "--service", f"books_{SUFFIX}")
    assert left.code == 2
    for thing in (f"slot {EVENTS}", f"subscription pgerp_identity_of_books_{SUFFIX}_to_people"):
        assert thing in left.out
    assert commands.there(SUFFIX) == []


def cannot_log_in(commands: Commands, second: Second) -> None:
    """Its worker is started again for ever; status names it, and up heals it."""
    name = f"pgerp_identity_of_books_{SUFFIX}_to_people_{SUFFIX}"
    url = load(commands.path, commands.server_url).services[f"people_{SUFFIX}"].url
    execute(second.start(), "ALTER ROLE pgerp_subscriber NOLOGIN")
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_subscription WHERE subname = "
    execute(url, f"{ends}'{name}'")
    until(lambda: f"subscription {name} has no worker" in commands.run("status").out)
    assert commands.run("up").code == 0
    until(lambda: commands.run("status").code == 0)


def lose_slot(site: Spread, second: Second) -> None:
    """Write so much while nobody reads that the server gives the slot up."""
    execute(site.service("payroll").url, f"ALTER SUBSCRIPTION {EVENTS} DISABLE")
    execute(
        second.start(),
        "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
        "SELECT pg_reload_conf()",
    )
    status = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s"

    def lost() -> bool:
        with connect(second.start()) as conn:
            for _ in range(3):
                conn.execute("SELECT pg_logical_emit_message(false, 'pgerp', 'full')")
                conn.execute("SELECT pg_switch_wal()")
            conn.execute("CHECKPOINT")
            return bool(value(conn, status, [EVENTS]) == "lost")

    until(lost)
    execute(second.start(), "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()")
