"""Lending in a database without the ledger."""

from __future__ import annotations

from pgerp.db import connect
from tests.lending.products import save_product
from tests.lending.terms import preview
from tests.pgtap import value
from tests.runner.test_maintain import invoke


def test_lending_works_without_the_ledger(empty_database: str) -> None:
    lacks = invoke(empty_database, "up", "--modules", "lending")
    assert lacks.returncode == 2 and "needs messaging" in lacks.stderr
    done = invoke(empty_database, "up", "--modules", "lending,messaging,party")
    assert done.returncode == 0, done.stderr
    with connect(empty_database) as conn:
        assert value(conn, "SELECT to_regnamespace('ledger')") is None
        assert len(preview(conn, 1000, 12, 12, "2026-01-31")) == 12
        tenant = value(conn, "SELECT identity.create_tenant('Alone')")
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), false)", [tenant])
        conn.execute("SELECT identity.create_business('MAIN', 'Main', 'USD')")
        assert save_product(conn)
    assert invoke(empty_database, "maintain").returncode == 0
    assert invoke(empty_database, "verify").returncode == 0
