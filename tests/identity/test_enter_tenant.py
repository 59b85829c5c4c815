"""identity.enter_tenant and resolve_business: the first steps of whatever runs as the owner."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.identity.tokens import KEY, claims, sign
from tests.pgtap import as_role, lacks_privilege, throws, value

ENTER = "SELECT identity.enter_tenant(%s)"
RESOLVE = "SELECT (identity.resolve_business(%s, %s)).id"
SETTINGS = ("tenant_id", "actor", "business_ids")


def hold(db: psycopg.Connection, token: str) -> None:
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])


def entered(db: psycopg.Connection) -> dict[str, str | None]:
    return {
        name: value(db, "SELECT current_setting(%s, true)", [f"pgerp.{name}"]) for name in SETTINGS
    }


def test_entering_sets_tenant_subject_and_businesses_of_the_token(
    db: psycopg.Connection, tenant: int
) -> None:
    hold(db, sign(claims(tenant, sub="bob", business=[2, 1])))
    db.execute(ENTER, [tenant])
    assert entered(db) == {"tenant_id": str(tenant), "actor": "bob", "business_ids": "[2, 1]"}
    hold(db, sign(claims(tenant)))
    db.execute(ENTER, [tenant])
    assert entered(db) == {"tenant_id": str(tenant), "actor": "alice", "business_ids": "*"}


def test_without_a_token_no_tenant_is_entered(db: psycopg.Connection, tenant: int) -> None:
    throws(db, "ZI001", ENTER, [tenant])
    hold(db, "")
    throws(db, "ZI001", ENTER, [None])
    assert not any(entered(db).values())


def test_the_tenant_of_the_token_is_entered_when_none_is_named(
    db: psycopg.Connection, tenant: int
) -> None:
    hold(db, sign(claims(tenant)))
    assert value(db, ENTER, [None]) == tenant
    assert entered(db)["tenant_id"] == str(tenant)


def test_a_token_of_another_tenant_enters_nothing(db: psycopg.Connection, tenant: int) -> None:
    hold(db, sign(claims(tenant)))
    throws(db, "ZI004", ENTER, [tenant + 1])
    assert not any(entered(db).values())


@pytest.mark.parametrize(
    ("change", "sqlstate"), [({"business": "1"}, "ZI002"), ({"exp": 1}, "ZI003")]
)
def test_a_token_that_is_not_valid_enters_nothing(
    db: psycopg.Connection, tenant: int, change: dict[str, Any], sqlstate: str
) -> None:
    hold(db, sign(claims(tenant, **change)))
    throws(db, sqlstate, ENTER, [tenant])


def test_clients_cannot_enter_by_themselves(db: psycopg.Connection) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        lacks_privilege(db, role, "EXECUTE", "function identity.enter_tenant(integer, text)")
        lacks_privilege(db, role, "EXECUTE", "function identity.resolve_business(integer, text)")


def test_token_and_entered_tenant_end_with_their_transaction(clone: str) -> None:
    with connect(clone) as conn:
        conn.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
        tenant = value(conn, "SELECT identity.create_tenant('Tenant')")
        with conn.transaction():
            hold(conn, sign(claims(tenant)))
            conn.execute(ENTER, [tenant])
            assert value(conn, "SELECT identity.current_tenant()") == tenant
            assert all(entered(conn).values())
        assert value(conn, "SELECT identity.current_tenant()") is None
        assert not any(entered(conn).values())
        throws(conn, "ZI001", ENTER, [tenant])


@pytest.fixture
def business(db: psycopg.Connection, tenant: int) -> int:
    """A business with code MAIN of the tenant; its token is held, the tenant entered."""
    hold(db, sign(claims(tenant)))
    return value(db, "SELECT identity.create_business('MAIN', 'Main', 'USD')")


def test_a_business_is_found_by_its_code(
    db: psycopg.Connection, tenant: int, business: int
) -> None:
    assert value(db, RESOLVE, [tenant, "MAIN"]) == business


@pytest.mark.parametrize("code", ["main", "MAIN ", "NONE", "", None])
def test_an_unknown_code_is_refused(
    db: psycopg.Connection, tenant: int, business: int, code: str | None
) -> None:
    throws(db, "ZI005", RESOLVE, [tenant, code])


def test_a_business_of_another_tenant_is_unknown(
    db: psycopg.Connection, tenant: int, business: int
) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    with as_role(db, "pgerp_owner"):
        assert value(db, RESOLVE, [tenant, "MAIN"]) == business
        throws(db, "ZI005", RESOLVE, [other, "MAIN"])
        db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(other)])
        throws(db, "ZI005", RESOLVE, [tenant, "MAIN"])


@pytest.mark.parametrize("listed", [[], [2], [11, 21]])
def test_a_business_that_the_token_does_not_list_is_refused(
    db: psycopg.Connection, tenant: int, business: int, listed: list[int]
) -> None:
    hold(db, sign(claims(tenant, business=listed)))
    db.execute(ENTER, [tenant])
    throws(db, "ZI006", RESOLVE, [tenant, "MAIN"])
    hold(db, sign(claims(tenant, business=[*listed, business])))
    db.execute(ENTER, [tenant])
    assert value(db, RESOLVE, [tenant, "MAIN"]) == business


def test_an_inactive_business_is_refused(
    db: psycopg.Connection, tenant: int, business: int
) -> None:
    db.execute("UPDATE identity.businesses SET is_active = false WHERE tenant_id = %s", [tenant])
    throws(db, "ZI007", RESOLVE, [tenant, "MAIN"])
