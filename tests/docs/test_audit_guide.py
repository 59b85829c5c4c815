"""The guide to the audit log runs."""

from __future__ import annotations

import psycopg

from tests.docs.test_documents import blocks
from tests.pgtap import as_role, value


def test_the_sql_of_the_guide_to_the_audit_log_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, p_permissions => '{*}'), true)",
        [tenant_id],
    )
    db.execute("SELECT identity.create_business('MAIN', 'Main', 'USD')")
    asking, holding = blocks("docs/audit.md", "sql")
    with as_role(db, "pgerp_auditor"):
        counts = [db.execute(one).rowcount for one in asking.split(";")[:-1]]  # type: ignore[call-overload]
    # The tenant, its business, and the settings of that; nothing of other tables.
    assert counts == [1, 1, 3]
    for statement in holding.split(";")[:-1]:
        assert db.execute(statement).rowcount == 1  # type: ignore[call-overload]
    assert value(db, "SELECT count(*) FROM audit.legal_holds WHERE valid_until > now()") == 0
