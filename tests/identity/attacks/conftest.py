"""The fixture of the attacks: a database where one tenant is after another's secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.identity.attacks.prey import Prey, make_prey
from tests.identity.conftest import NewDatabase, make_world
from tests.servers import Server


@pytest.fixture(scope="session")
def prey(
    new_database: NewDatabase, template: str, server: Server, worker_id: str
) -> Iterator[Prey]:
    login = f"pgerp_client_of_a_{os.getpid()}_{worker_id}"
    with make_world(new_database, template, server, login) as world:
        yield make_prey(world)


@pytest.fixture
def attacker(prey: Prey) -> Iterator[psycopg.Connection]:
    """A session of A's client, who holds a token of A, in a transaction that is rolled back."""
    with prey.client() as conn:
        yield conn


@pytest.fixture
def watcher(prey: Prey) -> Iterator[psycopg.Connection]:
    """A superuser's session on the same database, in a transaction that is rolled back."""
    with prey.admin() as conn:
        yield conn
