"""The bench on which everything is tried."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import pytest

from tests.identity.matrix.comparing import Sheet
from tests.identity.matrix.sheet import EXPECTED, parse
from tests.identity.matrix.trying import Bench, open_bench


@pytest.fixture(scope="session")
def bench(
    new_database: Callable[[str | None], contextlib.AbstractContextManager[str]],
    template: str,
    worker_id: str,
) -> Iterator[Bench]:
    """A filled database, committed, with logins to try it with."""
    with new_database(template) as url, open_bench(url, f"{os.getpid()}_{worker_id}") as bench:
        yield bench


@pytest.fixture(scope="session")
def sheet() -> Sheet:
    """What is expected."""
    return parse(EXPECTED.read_text(encoding="utf-8"))
