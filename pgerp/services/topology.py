"""A topology file: which services there are, with which modules, in which databases.

identity = "accounting"            # whose tenants, businesses and users all others receive
[services.payroll]
modules = ["payroll"]
database = "pgerp_payroll"         # on the server that pgerp connects to
[services.accounting]
modules = ["ledger", "finance"]
url = "postgresql://db2/accounting"
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.modules import BASE

# Two of them are in the name of a slot, which PostgreSQL limits to 63 bytes.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
_SETTINGS = {"modules", "database", "url"}


@dataclass(frozen=True)
class Service:
    """One service.

    Attributes:
        name: Such as "payroll".
        modules: Its own modules, besides those that every database has.
        url: Where its database is.
    """

    name: str
    modules: frozenset[str]
    url: str

    @property
    def server(self) -> str:
        """Where its server is."""
        where = parse_url(self.url)
        return " ".join(where.get(key, "") for key in ("host", "hostaddr", "port"))

    @property
    def database(self) -> str:
        """The name of its database."""
        return parse_url(self.url).get("dbname", "")


@dataclass(frozen=True)
class Topology:
    """Services that work together.

    Attributes:
        services: All of them, by name.
        identity: The one whose tenants, businesses and users all others receive.
    """

    services: dict[str, Service]
    identity: Service

    def others(self, service: Service) -> list[Service]:
        """Return all services but one."""
        return [other for other in self.services.values() if other.name != service.name]

    def chosen(self, names: tuple[str, ...]) -> list[Service]:
        """Return the services of these names; all when there are none.

        Raises:
            PgerpError: there is no service of a name.
        """
        if unknown := sorted(set(names) - set(self.services)):
            raise PgerpError(
                f'there is no service "{unknown[0]}"',
                hint=f"The services are: {', '.join(self.services)}.",
            )
        return [self.services[name] for name in names or self.services]


def open_service(service: Service) -> Connection:
    """Connect to a service's database, in autocommit mode."""
    return connect(service.url)


def load(path: Path, server_url: str) -> Topology:
    """Read a topology file.

    Args:
        path: The file.
        server_url: The server on which services are that name a database only.

    Raises:
        PgerpError: the file cannot be read, or does not say what it should; with the remedy.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PgerpError(
            f"the topology cannot be read: {error}", where=str(path), hint="Correct the TOML."
        ) from None
    tables = document.get("services")
    if not isinstance(tables, dict) or not tables or set(document) - {"services", "identity"}:
        raise _wrong(path, "It holds identity, and a table [services.<name>] for each service.")
    base = parse_url(server_url)
    services = {name: _service(path, name, table, base) for name, table in tables.items()}
    _refuse_twins(path, services)
    identity = document.get("identity")
    if identity not in services:
        raise _wrong(path, "identity names the service whose tenants and users all others receive.")
    return Topology(services, services[identity])


def _service(path: Path, name: str, table: Any, base: dict[str, str]) -> Service:
    if not _NAME.fullmatch(name):
        raise _wrong(
            path, f'"{name}": at most 20 lower-case letters, digits and underscores, letter first.'
        )
    if not isinstance(table, dict) or set(table) - _SETTINGS:
        raise _wrong(path, f"[services.{name}] may hold {', '.join(sorted(_SETTINGS))}.")
    modules = table.get("modules")
    if not isinstance(modules, list) or not all(isinstance(item, str) for item in modules):
        raise _wrong(path, f"[services.{name}] modules is a list of names, which may be empty.")
    if common := sorted(set(modules) & set(BASE)):
        raise _wrong(path, f"[services.{name}] every database has {common[0]}: leave it out.")
    url, database = table.get("url"), table.get("database")
    if (url is None) == (database is None) or not isinstance(url or database, str):
        raise _wrong(path, f"[services.{name}] has either a url or a database.")
    if url is None:
        url = build_url(base | {"dbname": str(database)})
    return Service(name, frozenset(modules), url)


def _refuse_twins(path: Path, services: dict[str, Service]) -> None:
    owners: dict[str, str] = {}
    for service in services.values():
        place = f"{service.server} {service.database}"
        for thing in (place, *service.modules):
            if other := owners.get(thing):
                what = "have one database" if thing == place else f'both have "{thing}"'
                raise _wrong(path, f"{other} and {service.name} {what}.")
            owners[thing] = service.name


def _wrong(path: Path, hint: str) -> PgerpError:
    return PgerpError("the topology is wrong", where=str(path), hint=hint)
