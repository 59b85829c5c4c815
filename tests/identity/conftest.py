"""Fixtures of the tests of identity."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.tokens import KEY
from tests.pgtap import value


@pytest.fixture
def tenant(db: psycopg.Connection) -> int:
    """A tenant, and the test's key to sign tokens with, in the transaction of `db`."""
    db.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
    return value(db, "SELECT identity.create_tenant('Tenant')")
