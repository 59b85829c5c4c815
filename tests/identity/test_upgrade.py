"""Who was a user before there were roles keeps what the tokens said; businesses get settings."""

from __future__ import annotations

from functools import partial

from pgerp import runner
from pgerp.db import connect
from pgerp.project import own_project
from tests.identity.people import act_as
from tests.identity.tokens import KEY
from tests.ledger.books import offenders
from tests.pgtap import set_eq, throws, value

BEFORE = "20261127_0900_ledger_period_of_a_date"
STAMPS = "now(), 'x', now(), 'x'"
ROWS = f"""
SET LOCAL session_replication_role = replica;
INSERT INTO identity.tenants (id, name, created_at, created_by, last_modified_at, last_modified_by)
VALUES (1, 'One', {STAMPS}), (2, 'Two', {STAMPS}), (3, 'Three', {STAMPS});
INSERT INTO identity.businesses (
    tenant_id, id, code, name, currency_code,
    created_at, created_by, last_modified_at, last_modified_by
)
SELECT t, b, 'B' || b, 'B', 'USD', {STAMPS}
FROM generate_series(1, 2) AS t, generate_series(1, 2) AS b;
INSERT INTO core.document_counters VALUES (1, 0, 'business', 2), (2, 0, 'business', 2);
INSERT INTO identity.users (
    tenant_id, subject, name, is_active, created_at, created_by, last_modified_at, last_modified_by
)
VALUES (1, 'ann', 'Ann', true, {STAMPS}), (1, 'bob', 'Bob', false, {STAMPS}),
    (2, 'ann', 'Ann', true, {STAMPS});
"""


def test_users_and_businesses_of_before_are_carried_over(empty_database: str) -> None:
    open_ = partial(connect, empty_database)
    runner.up(open_, [own_project()], to=BEFORE)
    with open_() as conn:
        # The triggers of today were not there then.
        conn.execute("DROP TRIGGER users_rights ON identity.users")
        with conn.transaction():
            conn.execute(ROWS.encode())
    runner.up(open_, [own_project()])
    with connect(empty_database, autocommit=False) as conn:
        assert offenders(conn) == {}
        conn.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
        set_eq(
            conn,
            "SELECT tenant_id, business_id FROM identity.business_settings",
            [(tenant, business) for tenant in (1, 2) for business in (1, 2)],
        )
        set_eq(
            conn,
            "SELECT tenant_id, code::text FROM identity.roles",
            [(1, "owner"), (2, "owner")],
        )
        for tenant in (1, 2):
            act_as(conn, tenant, "ann")
            assert value(conn, "SELECT identity.current_businesses()") is None
            for code in ("ledger.close_periods", "identity.manage_users"):
                assert value(conn, "SELECT identity.has_permission(%s)", [code]) is True
        act_as(conn, 1, "bob")
        throws(conn, "ZI009", "SELECT identity.current_tenant()")
        act_as(conn, 2, "bob")
        assert value(conn, "SELECT identity.current_tenant()") == 2
