"""A company whose services have a database each, on the server of the tests."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from tests.servers import Server
from tests.topology.sites import Spread, eight

_NUMBER = itertools.count(1)


@pytest.fixture
def spread(server: Server) -> Iterator[Spread]:
    """Three services, just made; dropped afterwards with what runs between them."""
    site = Spread(server.database("postgres"), f"{os.getpid()}_{next(_NUMBER)}")
    site.make()
    try:
        yield site
    finally:
        site.drop()


@pytest.fixture
def all_eight(server: Server) -> Iterator[Spread]:
    """The eight services of the topology that pgerp comes with, made and dropped likewise."""
    site = eight(server.database("postgres"), f"{os.getpid()}_{next(_NUMBER)}")
    site.make()
    try:
        yield site
    finally:
        site.drop()
