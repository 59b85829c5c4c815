"""The same business in one database, or in one for each service: what the scenario runs on."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Protocol

import psycopg

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.progress import Silent
from pgerp.project import own_project
from pgerp.services.compare import differences
from pgerp.services.setup import read_routes, up
from pgerp.services.teardown import down, plan_down
from pgerp.services.topology import Service, Topology, load
from pgerp.services.worker import drain
from pgerp.transaction import Settings

MODULES = {"employee": ["hr"], "payroll": ["payroll"], "accounting": ["ledger"]}
"""The least that the payroll saga needs: service -> its modules."""

EIGHT = Path(__file__).resolve().parents[2] / "sql" / "topologies" / "eight.toml"
PATIENCE_S = 60


class Site(Protocol):
    """Where modules are."""

    def at(self, module: str) -> psycopg.Connection:
        """Return a superuser's session on the database that has a module."""

    def settle(self) -> None:
        """Return when what was emitted has been acted upon everywhere."""


class Single:
    """All modules in one database."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn

    def at(self, module: str) -> psycopg.Connection:
        """Return the session."""
        return self._conn

    def settle(self) -> None:
        """Do nothing: handlers act before emit returns."""


class Spread:
    """Services, each with a database of its own, on one server.

    Args:
        server_url: The server, as its superuser.
        suffix: Makes the names of services and databases this test's own: slots are the server's.
        modules: The modules of each service; accounting is the one that identity comes from.
    """

    def __init__(
        self,
        server_url: str,
        suffix: str,
        modules: Mapping[str, Collection[str]] = MODULES,
    ) -> None:
        base = parse_url(server_url)
        services = {}
        for service, names in modules.items():
            name = f"{service}_{suffix}"
            url = build_url(base | {"dbname": name})
            services[name] = Service(name, frozenset(names), url)
        self.topology = Topology(services, services[f"accounting_{suffix}"])
        self._stack = ExitStack()
        self._conns: dict[str, psycopg.Connection] = {}

    def service(self, module: str) -> Service:
        """Return the service that has a module."""
        return next(one for one in self.topology.services.values() if module in one.modules)

    def at(self, module: str) -> psycopg.Connection:
        """Return a session on the database of the module's service, made once."""
        if module not in self._conns:
            self._conns[module] = self._stack.enter_context(connect(self.service(module).url))
        return self._conns[module]

    def forget(self) -> None:
        """Close all sessions: a database is to be dropped or copied."""
        self._stack.close()
        self._conns.clear()

    def make(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Make databases and what runs between them, or mend it."""
        up(self.topology, [own_project()], settings=Settings(), progress=Silent(), say=say)

    def drop(self) -> None:
        """Drop all of it."""
        self.forget()
        down(plan_down(self.topology, (), drop_databases=True), say=lambda _: None)

    def arrived(self) -> None:
        """Return when every store has what others emitted for it."""
        routes = read_routes(self.topology)
        end = time.monotonic() + PATIENCE_S
        while found := list(differences(self.topology, routes)):
            assert time.monotonic() < end, found
            time.sleep(0.1)

    def drain(self) -> int:
        """Have every service act upon what it has; return how many events were handled."""
        never = Event()
        first = [min(one.modules) for one in self.topology.services.values() if one.modules]
        return sum(drain(self.at(module), never).handled for module in first)

    def settle(self) -> None:
        """Work until nothing arrives any more."""
        self.arrived()
        while self.drain():
            self.arrived()


def eight(server_url: str, suffix: str) -> Spread:
    """Return the services of the topology that pgerp comes with, under names of this test."""
    shipped = load(EIGHT, server_url)
    modules = {name: one.modules for name, one in shipped.services.items()}
    assert shipped.identity.name == "accounting" and len(modules) == 8
    return Spread(server_url, suffix, modules)
