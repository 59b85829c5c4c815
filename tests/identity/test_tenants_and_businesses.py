"""identity.create_tenant and create_business: who may, and what each SQLSTATE stands for."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.identity.tokens import claims, sign
from tests.pgtap import as_role, lacks_privilege, results_eq, throws, value

CREATE_TENANT = "SELECT identity.create_tenant(%s)"
CREATE = "SELECT identity.create_business(%s, %s, %s)"
MAIN = ["MAIN", "Main", "USD"]


def hold(db: psycopg.Connection, token: str) -> None:
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])


def test_a_migrator_makes_tenants_with_ids_of_their_own(db: psycopg.Connection) -> None:
    with as_role(db, "pgerp_migrator"):
        first = value(db, CREATE_TENANT, ["One"])
        second = value(db, CREATE_TENANT, ["Two"])
    assert 0 < first < second
    results_eq(
        db,
        "SELECT name::text, is_active FROM identity.tenants WHERE id IN (%s, %s) ORDER BY id",
        [("One", True), ("Two", True)],
        [first, second],
    )


@pytest.mark.parametrize(
    ("name", "sqlstate"), [("Tenant", "23505"), ("  ", "23514"), (None, "23502")]
)
def test_a_name_that_is_taken_or_none_makes_no_tenant(
    db: psycopg.Connection, tenant: int, name: str | None, sqlstate: str
) -> None:
    throws(db, sqlstate, CREATE_TENANT, [name])


def test_clients_make_no_tenants(db: psycopg.Connection) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_backup"):
        lacks_privilege(db, role, "EXECUTE", "function identity.create_tenant(text)")


def test_a_client_makes_businesses_numbered_from_1_within_its_tenant(
    db: psycopg.Connection, tenant: int
) -> None:
    other = value(db, CREATE_TENANT, ["Other"])
    for id_ in (tenant, other):
        hold(db, sign(claims(id_)))
        with as_role(db, "pgerp_app"):
            assert value(db, CREATE, MAIN) == 1
            assert value(db, CREATE, ["SIDE", "Side", "KES"]) == 2
    results_eq(
        db,
        "SELECT tenant_id, id, code::text, name::text, currency_code::text, is_active"
        " FROM identity.businesses WHERE tenant_id IN (%s, %s) ORDER BY 1, 2",
        [
            (id_, *row)
            for id_ in (tenant, other)
            for row in ((1, "MAIN", "Main", "USD", True), (2, "SIDE", "Side", "KES", True))
        ],
        [tenant, other],
    )


def test_the_number_of_a_business_that_failed_is_given_to_the_next(
    db: psycopg.Connection, tenant: int
) -> None:
    hold(db, sign(claims(tenant)))
    assert value(db, CREATE, MAIN) == 1
    throws(db, "23505", CREATE, MAIN)
    assert value(db, CREATE, ["SIDE", "Side", "USD"]) == 2


@pytest.mark.parametrize(
    ("arguments", "sqlstate"),
    [
        (["MAIN", "Main", "XXY"], "23503"),
        (["MAIN", "Main", "usd"], "23514"),
        (["MAIN", "Main", None], "23502"),
        (["", "Main", "USD"], "23514"),
        ([" MAIN", "Main", "USD"], "23514"),
        ([None, "Main", "USD"], "23502"),
        (["MAIN", " ", "USD"], "23514"),
        (["MAIN", None, "USD"], "23502"),
    ],
)
def test_a_business_with_a_malformed_or_unknown_part_is_refused(
    db: psycopg.Connection, tenant: int, arguments: list[Any], sqlstate: str
) -> None:
    hold(db, sign(claims(tenant)))
    with as_role(db, "pgerp_app"):
        throws(db, sqlstate, CREATE, arguments, deferred=True)


@pytest.mark.parametrize(
    ("token_claims", "sqlstate"),
    [
        (None, "ZI001"),
        ({"sub": None}, "ZI002"),
        ({"exp": 1}, "ZI003"),
        ({"business": [1]}, "ZI006"),
        ({"business": []}, "ZI006"),
    ],
)
def test_a_token_that_does_not_cover_it_makes_no_business(
    db: psycopg.Connection, tenant: int, token_claims: dict[str, Any] | None, sqlstate: str
) -> None:
    if token_claims is not None:
        hold(db, sign(claims(tenant, **token_claims)))
    with as_role(db, "pgerp_app"):
        throws(db, sqlstate, CREATE, MAIN)


def test_a_token_makes_no_business_of_another_tenant(db: psycopg.Connection, tenant: int) -> None:
    other = value(db, CREATE_TENANT, ["Other"])
    hold(db, sign(claims(tenant)))
    with as_role(db, "pgerp_app"):
        throws(db, "ZI004", "SELECT identity.create_business('A', 'A', 'USD', %s)", [other])


def test_a_token_of_a_tenant_that_does_not_exist_makes_no_business(
    db: psycopg.Connection, tenant: int
) -> None:
    hold(db, sign(claims(tenant + 1)))
    with as_role(db, "pgerp_app"):
        throws(db, "23503", CREATE, MAIN, deferred=True)


def test_readers_make_no_businesses(db: psycopg.Connection, tenant: int) -> None:
    hold(db, sign(claims(tenant)))
    for role in ("pgerp_readonly", "pgerp_auditor"):
        with as_role(db, role):
            throws(db, "42501", CREATE, MAIN)
