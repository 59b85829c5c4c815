"""Books of several tenants behind a real PgBouncer, for tests of pooling."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from tests.conftest import ROOT
from tests.identity.tokens import claims, sign
from tests.ledger.books import as_json
from tests.pooler import Pooler, pooling
from tests.servers import Unavailable

SETTINGS = ("token", "tenant_id", "actor", "business_ids", "user_agent", "correlation_id",
            "posting", "period_reason")  # fmt: skip
LEFT = "SELECT " + ", ".join(
    f"coalesce(current_setting('pgerp.{name}', true), '')" for name in SETTINGS
)
NOTHING = [("",) * len(SETTINGS)]
NUMBERS = itertools.count()


def documented() -> dict[str, str]:
    """Return the settings that docs/pooling.md tells operators to use."""
    (block,) = re.findall(
        r"```ini\n\[pgbouncer\]\n(.*?)```", (ROOT / "docs/pooling.md").read_text(), re.DOTALL
    )
    return dict(line.split(" = ", 1) for line in block.splitlines())


def post(business: str = "MAIN") -> str:
    """Return a call that posts 5 to account 1110."""
    lines = as_json(("1110", "5"), ("4100", "-5"))
    return f"SELECT ledger.create_journal_entry('{business}', '2026-03-04', 'Pooled', '{lines}')"


@dataclass(frozen=True)
class Stage:
    """Books of three tenants in a database that `up` has made, and a client's login."""

    url: str
    login: str
    password: str
    tenants: list[int]
    folder: Path

    @contextlib.contextmanager
    def pool(self, size: int = 1, **settings: str) -> Iterator[Pooler]:
        """Put a pooler before it."""
        folder = self.folder / f"pool-{os.getpid()}-{next(NUMBERS)}"
        try:
            with pooling(folder, self.url, {self.login: self.password}, size, **settings) as found:
                yield found
        except Unavailable as error:
            pytest.skip(str(error))

    @contextlib.contextmanager
    def clients(self, count: int = 2, **settings: str) -> Iterator[list[psycopg.Connection]]:
        """Have several clients share one connection of the server."""
        with self.pool(**settings) as pooler, contextlib.ExitStack() as stack:
            yield [
                stack.enter_context(contextlib.closing(connect(pooler.url(self.login))))
                for _ in range(count)
            ]

    def token(self, number: int = 0, **changes: object) -> str:
        return sign(claims(self.tenants[number], **changes))
