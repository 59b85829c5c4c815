"""Who manages users makes neither themselves nor others more than they are."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.people import act_as, make_people
from tests.pgtap import as_role, lives, throws

MORE = "ZI013"
HASH = "$2b$12$" + "x" * 53


@pytest.fixture
def clerk(db: psycopg.Connection, tenant: int) -> int:
    """Act as cleo, who manages users, may post, and has business A of A and B."""
    make_people(db, tenant)
    for code in "AB":
        db.execute("SELECT identity.create_business(%s, %s, 'USD')", [code, code])
    db.execute("SELECT identity.create_role('desk', 'D', '{identity.manage_users,ledger.post}')")
    db.execute("SELECT identity.create_role('till', 'Till', '{ledger.post}')")
    for subject in ("cleo", "ann"):
        db.execute("SELECT identity.create_user(%s, %s)", [subject, subject])
        db.execute("SELECT identity.grant_business(%s, 'A')", [subject])
    db.execute("SELECT identity.create_user('bea', 'Bea')")
    db.execute("SELECT identity.grant_business('bea', 'B')")
    db.execute("SELECT identity.grant_role('cleo', 'desk')")
    act_as(db, tenant, "cleo")
    return tenant


@pytest.mark.parametrize(
    "call",
    [
        "grant_role('cleo', 'owner')",
        "grant_role('ann', 'staff')",
        "revoke_role('owner', 'owner')",
        "grant_permission('desk', 'ledger.close_periods')",
        "grant_permission('desk', 'identity.sign_in')",
        "grant_permission('owner', 'ledger.post')",
        "revoke_permission('owner', 'ledger.post')",
        "create_role('boss', 'Boss', '{ledger.post,ledger.close_periods}')",
        "create_standard_roles()",
        "create_user('eve', 'Eve', NULL, true)",
        "grant_business('cleo', '*')",
        "grant_business('bea', 'A')",
        "revoke_business('owner', '*')",
        f"set_password_hash('owner', '{HASH}')",
        f"set_password_hash('bea', '{HASH}')",
        "deactivate_user('owner')",
        "deactivate_user('bea')",
        "reactivate_user('owner')",
    ],
)
def test_a_manager_of_users_is_refused_what_goes_beyond_them(
    db: psycopg.Connection, clerk: int, call: str
) -> None:
    with as_role(db, "pgerp_app"):
        throws(db, MORE, f"SELECT identity.{call}")


def test_nor_do_they_give_a_business_that_is_not_theirs(db: psycopg.Connection, clerk: int) -> None:
    with as_role(db, "pgerp_app"):
        throws(db, "ZI006", "SELECT identity.grant_business('ann', 'B')")


@pytest.mark.parametrize(
    "call",
    [
        "create_user('eve', 'Eve')",
        "create_role('cashier', 'Cashier', '{ledger.post}')",
        "grant_role('ann', 'till')",
        "grant_role('ann', 'desk')",
        "grant_permission('till', 'identity.manage_users')",
        "grant_business('ann', 'A')",
        "revoke_business('ann', 'A')",
        f"set_password_hash('ann', '{HASH}')",
        "deactivate_user('ann')",
    ],
)
def test_within_what_they_have_they_manage(db: psycopg.Connection, clerk: int, call: str) -> None:
    with as_role(db, "pgerp_app"):
        lives(db, f"SELECT identity.{call}")


def test_a_token_that_is_limited_gives_no_more_than_it_says(
    db: psycopg.Connection, clerk: int
) -> None:
    act_as(db, clerk, "service", permissions=["identity.manage_users"])
    throws(db, MORE, "SELECT identity.grant_role('ann', 'till')")
    act_as(db, clerk, "service", permissions=["identity.manage_users", "ledger.*"], business=[2])
    throws(db, MORE, "SELECT identity.grant_role('ann', 'till')")
    act_as(db, clerk, "service", permissions=["identity.manage_users", "ledger.*"], business=[1])
    lives(db, "SELECT identity.grant_role('ann', 'till')")
