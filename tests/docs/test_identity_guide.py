"""What the guide to users, roles and tokens shows is run."""

from __future__ import annotations

import psycopg

from tests.docs.test_documents import blocks
from tests.pgtap import results_eq, value


def test_the_sql_of_the_guide_to_identity_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    db.execute("SELECT identity.create_business('WATER', 'Water refill', 'KES')")
    (script,) = blocks("docs/identity.md", "sql")
    db.execute(script)  # type: ignore[call-overload]
    results_eq(
        db,
        "SELECT identity.permissions_of_user('jane@example.com')",
        [("ledger.match",), ("ledger.post",), ("messaging.send",), ("party.manage_customers",)],
    )
    db.execute(
        "SELECT identity.set_business_settings('WATER', '{\"time_zone\": \"Africa/Nairobi\"}')"
    )
    db.execute("SELECT identity.create_payment_till('WATER', 'mpesa_till', '174379', 'Counter')")
