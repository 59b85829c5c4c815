"""identity.current_tenant and current_businesses: what the verified token says."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.identity.tokens import claims, sign
from tests.pgtap import as_role, throws, value

ROLES = ["pgerp_app", "pgerp_readonly", "pgerp_auditor"]
BOTH = ["identity.current_tenant()", "identity.current_businesses()"]


def hold(db: psycopg.Connection, token: str) -> None:
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])


@pytest.mark.parametrize("role", ROLES)
def test_the_tenant_is_the_one_of_the_token_for_every_role_that_reads(
    db: psycopg.Connection, tenant: int, role: str
) -> None:
    hold(db, sign(claims(tenant)))
    with as_role(db, role):
        assert value(db, "SELECT identity.current_tenant()") == tenant


@pytest.mark.parametrize(
    ("claim", "ids"),
    [("*", None), ([], []), ([3], [3]), ([1, 2, 999999999], [1, 2, 999999999])],
)
def test_the_businesses_are_the_list_of_the_token_or_null_for_all(
    db: psycopg.Connection, tenant: int, claim: Any, ids: list[int] | None
) -> None:
    hold(db, sign(claims(tenant, business=claim)))
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT identity.current_businesses()") == ids


@pytest.mark.parametrize("call", BOTH)
def test_without_a_token_there_is_neither_tenant_nor_list(
    db: psycopg.Connection, tenant: int, call: str
) -> None:
    assert value(db, f"SELECT {call}") is None
    hold(db, "")
    assert value(db, f"SELECT {call}") is None


@pytest.mark.parametrize("call", BOTH)
@pytest.mark.parametrize(("change", "sqlstate"), [({"sub": 1}, "ZI002"), ({"exp": 1}, "ZI003")])
def test_a_token_that_is_not_valid_is_an_error_and_not_no_token(
    db: psycopg.Connection, tenant: int, call: str, change: dict[str, Any], sqlstate: str
) -> None:
    hold(db, sign(claims(tenant, **change)))
    throws(db, sqlstate, f"SELECT {call}")


def test_the_tenant_is_inlined_where_it_is_used(db: psycopg.Connection, tenant: int) -> None:
    plan = db.execute("EXPLAIN (VERBOSE, COSTS OFF) SELECT identity.current_tenant()").fetchall()
    assert "token_claims()" in str(plan)
    assert "current_tenant()" not in str(plan)


def test_a_policy_has_the_token_verified_once_a_statement_and_not_once_a_row(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute(
        "INSERT INTO identity.users (tenant_id, subject, name)"
        " SELECT %s, 'user' || n, 'User' FROM generate_series(1, 500) AS n",
        [tenant],
    )
    hold(db, sign(claims(tenant)))
    db.execute("SET LOCAL track_functions = 'pl'")
    calls = "SELECT coalesce(sum(calls), 0) FROM pg_stat_xact_user_functions WHERE funcname = %s"
    before = value(db, calls, ["token_claims"])
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT count(*) FROM identity.users") == 500
    assert value(db, calls, ["token_claims"]) - before == 1
