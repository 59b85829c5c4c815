"""A company whose services have a database each, on the server of the tests."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from tests.servers import Server
from tests.topology.sites import Spread, eight
from tests.topology.templates import Templates

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def templates(server: Server) -> Iterator[Templates]:
    """Migrated databases to copy."""
    made = Templates(server.database("postgres"), f"pgerp_site{os.getpid()}t")
    try:
        yield made
    finally:
        made.drop()


@pytest.fixture
def spread(server: Server, templates: Templates) -> Iterator[Spread]:
    """Three services, just made; dropped afterwards with what runs between them."""
    site = Spread(server.database("postgres"), f"{os.getpid()}_{next(_NUMBER)}")
    try:
        templates.fill(site.topology)
        site.make()
        yield site
    finally:
        site.drop()


@pytest.fixture
def all_eight(server: Server, templates: Templates) -> Iterator[Spread]:
    """The eight services of the topology that pgerp comes with, made and dropped likewise."""
    site = eight(server.database("postgres"), f"{os.getpid()}_{next(_NUMBER)}")
    try:
        templates.fill(site.topology)
        site.make()
        yield site
    finally:
        site.drop()
