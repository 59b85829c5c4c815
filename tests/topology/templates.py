"""Migrated databases to copy: a test that is not about migrations need not wait for them."""

from __future__ import annotations

from psycopg import sql

from pgerp import runner
from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.maintain import maintain
from pgerp.modules import for_database
from pgerp.progress import Silent
from pgerp.project import own_project
from pgerp.seeds import run_seeds
from pgerp.services.topology import Topology
from pgerp.transaction import Settings
from tests.years import AHEAD


class Templates:
    """Databases with some modules, maintained, each made when it is first asked for.

    Args:
        server_url: The server, as its superuser.
        prefix: Of their names.
    """

    def __init__(self, server_url: str, prefix: str) -> None:
        self._server_url = server_url
        self._prefix = prefix
        self._made: dict[frozenset[str], str] = {}

    def fill(self, topology: Topology) -> None:
        """Make the databases of a topology, migrated; what runs between them is not there yet."""
        for service in topology.services.values():
            template = self._template(service.modules)
            self._run("CREATE DATABASE {} TEMPLATE {}", service.database, template)

    def drop(self) -> None:
        """Drop what was made to copy from."""
        for name in self._made.values():
            self._run("DROP DATABASE {}", name)

    def _template(self, modules: frozenset[str]) -> str:
        if modules not in self._made:
            name = f"{self._prefix}_{len(self._made)}"
            self._run("CREATE DATABASE {}", name)
            self._made[modules] = name
            url = build_url(parse_url(self._server_url) | {"dbname": name})
            with connect(url) as conn:
                chosen = for_database(conn, [own_project()], modules)
            runner.up(lambda: connect(url), chosen, settings=Settings(), progress=Silent())
            with connect(url) as conn:
                list(run_seeds(conn, chosen, "reference"))
            maintain(
                lambda: connect(url),
                years_ahead=AHEAD,
                settings=Settings(),
                say=lambda _: None,
                wait=lambda _: None,
            )
        return self._made[modules]

    def _run(self, statement: str, *names: str) -> None:
        with connect(self._server_url) as conn:
            conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]
