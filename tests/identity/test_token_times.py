"""Clocks that differ, and the inputs that a token may not be."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.identity.people import serve
from tests.identity.tokens import HEADER, KEY, base64url, claims, sign, sign_parts
from tests.pgtap import as_role, throws, value

NOT_VALID, EXPIRED, NOT_YET = "ZI002", "ZI003", "ZI010"
CLAIMS = "SELECT identity.token_claims()"


def seconds(db: psycopg.Connection) -> float:
    return float(value(db, "SELECT extract(EPOCH FROM now())"))


def hold(db: psycopg.Connection, token: str) -> None:
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize("ahead", [-1_000_000, 0, 1, 59.9, 60])
def test_a_token_from_a_clock_that_is_up_to_a_minute_ahead_counts(
    db: psycopg.Connection, tenant: int, claim: str, ahead: float
) -> None:
    hold(db, sign(claims(tenant, **{claim: seconds(db) + ahead})))
    assert value(db, "SELECT identity.current_tenant()") == tenant


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize("ahead", [60.1, 61, 3000, 10**9])
def test_a_token_from_the_future_is_refused(
    db: psycopg.Connection, tenant: int, claim: str, ahead: float
) -> None:
    hold(db, sign(claims(tenant, **{claim: seconds(db) + ahead})))
    with as_role(db, "pgerp_app"):
        throws(db, NOT_YET, CLAIMS)
        throws(db, NOT_YET, "SELECT FROM identity.tenants")
        throws(db, NOT_YET, "SELECT identity.create_business('A', 'A', 'USD')")


@pytest.mark.parametrize("issued", ["iat", "nbf"])
def test_one_good_time_does_not_excuse_the_other(
    db: psycopg.Connection, tenant: int, issued: str
) -> None:
    other = {"iat": "nbf", "nbf": "iat"}[issued]
    now = seconds(db)
    hold(db, sign(claims(tenant, **{issued: now, other: now + 100})))
    throws(db, NOT_YET, CLAIMS)


def test_the_end_has_no_leeway(db: psycopg.Connection, tenant: int) -> None:
    now = seconds(db)
    hold(db, sign(claims(tenant, exp=now - 0.001, iat=now - 100)))
    throws(db, EXPIRED, CLAIMS)
    hold(db, sign(claims(tenant, exp=now + 0.01, iat=now - 100)))
    assert value(db, CLAIMS)


def test_a_token_that_is_both_too_old_and_too_new_has_expired(
    db: psycopg.Connection, tenant: int
) -> None:
    now = seconds(db)
    hold(db, sign(claims(tenant, exp=now - 1, nbf=now + 1000)))
    throws(db, EXPIRED, CLAIMS)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize("wrong", ["1", "now", "", True, [], [1], {}, 1e300, -1e300])
def test_a_time_of_a_wrong_type_is_refused(
    db: psycopg.Connection, tenant: int, claim: str, wrong: Any
) -> None:
    hold(db, sign(claims(tenant, **{claim: wrong})))
    throws(db, NOT_VALID, CLAIMS)


@pytest.mark.parametrize("exp", [1e300, 99999999999999, -1, "1", "9999999999"])
def test_an_end_that_is_no_time_is_refused(db: psycopg.Connection, tenant: int, exp: Any) -> None:
    hold(db, sign(claims(tenant, exp=exp)))
    throws(db, NOT_VALID, CLAIMS)


def test_a_token_that_is_cut_anywhere_is_refused(db: psycopg.Connection, tenant: int) -> None:
    token = sign(claims(tenant))
    for length in range(1, len(token)):
        hold(db, token[:length])
        throws(db, NOT_VALID, CLAIMS)


@pytest.mark.parametrize("key", [KEY, bytes(32)], ids=["rightly signed", "wrongly signed"])
@pytest.mark.parametrize(
    "payload", [b"\xff\xfe\xfd", b'{"sub": "\xe9"}', b"\xed\xa0\x80", b'{"a": "\xc3"}', b"\0"]
)
def test_bytes_that_are_no_utf_8_are_refused_in_header_and_payload(
    db: psycopg.Connection, tenant: int, payload: bytes, key: bytes
) -> None:
    good = b'{"alg":"HS256"}'
    for header, body in ((payload, b"{}"), (good, payload)):
        hold(db, sign_parts(header, body, key))
        throws(db, NOT_VALID, CLAIMS)


def test_an_rs256_header_is_refused_even_with_the_hmac_of_a_live_key(
    db: psycopg.Connection, tenant: int
) -> None:
    for algorithm in ("RS256", "none", "HS512", "ES256"):
        hold(db, sign(claims(tenant), header={**HEADER, "alg": algorithm}))
        throws(db, NOT_VALID, CLAIMS)
    header, payload = base64url(b'{"alg":"none"}'), base64url(b'{"tenant":1}')
    hold(db, f"{header}.{payload}.")
    throws(db, NOT_VALID, CLAIMS)


def test_a_token_of_another_tenant_and_a_business_outside_its_list_are_refused(
    db: psycopg.Connection, tenant: int
) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    serve(db, tenant)
    for code in ("A", "B"):
        db.execute("SELECT identity.create_business(%s, %s, 'USD')", [code, code])
    serve(db, tenant, business=[1])
    with as_role(db, "pgerp_app"):
        throws(db, "ZI006", "SELECT ledger.create_fiscal_year('B', '2026-01-01')")
        throws(
            db,
            "ZI004",
            "SELECT ledger.create_fiscal_year('A', '2026-01-01', p_tenant_id => %s)",
            [other],
        )
        db.execute("SELECT ledger.create_fiscal_year('A', '2026-01-01')")
