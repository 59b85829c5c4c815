"""identity.issue_token and add_signing_key: HMAC-SHA256 as others compute it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.identity.tokens import KEY, claims, from_base64url, sign
from tests.pgtap import as_role, is_empty, lacks_privilege, throws, value

ADD = "SELECT identity.add_signing_key(%s, %s)"
HMAC = """
SELECT sha256(k.outer_pad || sha256(k.inner_pad || %s))
FROM identity.signing_keys AS k WHERE k.kid = %s
"""
CLIENTS = ("pgerp_app", "pgerp_readonly", "pgerp_auditor")

LARGE = (
    b"This is a test using a larger than block-size key and a larger than block-size data."
    b" The key needs to be hashed before being used by the HMAC algorithm."
)
JWS = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)

# RFC 4231, with short keys filled up to 32 bytes by zeros, which HMAC does anyway; case 5 is of a
# truncated digest. RFC 7515, appendix A.1.
VECTORS = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        LARGE,
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
    (
        from_base64url(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        ),
        JWS,
        from_base64url("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").hex(),
    ),
]


@pytest.mark.parametrize(("key", "text", "digest"), VECTORS)
def test_the_pads_of_a_key_give_the_digests_of_the_rfcs(
    db: psycopg.Connection, key: bytes, text: bytes, digest: str
) -> None:
    db.execute(ADD, ["vector", key.ljust(32, b"\0")])
    assert value(db, HMAC, [text, "vector"]).hex() == digest


@pytest.mark.parametrize("length", [32, 33, 63, 64, 65, 128, 1000])
def test_keys_of_every_length_sign_as_the_standard_library_does(
    db: psycopg.Connection, tenant: int, length: int
) -> None:
    key = hashlib.shake_256(str(length).encode()).digest(length)
    db.execute(ADD, ["other", key])
    digest = hmac.new(key, b"text", hashlib.sha256).digest()
    assert value(db, HMAC, [b"text", "other"]) == digest
    db.execute("SELECT set_config('pgerp.token', %s, true)", [sign(claims(tenant), key=key)])
    assert value(db, "SELECT identity.current_tenant()") == tenant


@pytest.mark.parametrize(
    ("kid", "secret", "sqlstate"),
    [
        ("short", bytes(31), "22023"),
        ("empty", b"", "22023"),
        ("none", None, "22023"),
        ("test", KEY, "23505"),
        ("", KEY, "23514"),
        (None, KEY, "23502"),
    ],
)
def test_a_key_that_is_short_or_whose_name_is_taken_is_refused(
    db: psycopg.Connection, tenant: int, kid: str | None, secret: bytes | None, sqlstate: str
) -> None:
    throws(db, sqlstate, ADD, [kid, secret])


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    return json.loads(from_base64url(header)), json.loads(from_base64url(payload))


def test_an_issued_token_is_one_that_the_standard_library_verifies(
    db: psycopg.Connection, tenant: int
) -> None:
    token = value(db, "SELECT identity.issue_token(%s, 'Zoë', '{2,1}', '5 min')", [tenant])
    signed, _, signature = token.rpartition(".")
    digest = hmac.new(KEY, signed.encode(), hashlib.sha256).digest()
    assert from_base64url(signature) == digest
    header, payload = parts(token)
    assert header == {"alg": "HS256", "typ": "JWT", "kid": "test"}
    now = value(db, "SELECT floor(extract(EPOCH FROM now()))::integer")
    expected = {"tenant": tenant, "sub": "Zoë", "business": [2, 1], "kid": "test"}
    assert payload == {**expected, "iat": now, "exp": now + 300}


def test_an_issued_token_is_for_the_login_role_all_businesses_and_an_hour_unless_it_says_other(
    db: psycopg.Connection, tenant: int
) -> None:
    _, payload = parts(value(db, "SELECT identity.issue_token(%s)", [tenant]))
    assert payload["sub"] == value(db, "SELECT session_user")
    assert payload["business"] == "*"
    assert payload["exp"] - payload["iat"] == 3600
    assert abs(payload["iat"] - time.time()) < 60


def test_long_claims_are_issued_on_one_line_and_accepted(
    db: psycopg.Connection, tenant: int
) -> None:
    subject = "ü~" * 100
    token = value(db, "SELECT identity.issue_token(%s, %s)", [tenant, subject])
    assert "\n" not in token
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
    assert value(db, "SELECT identity.token_claims() ->> 'sub'") == subject


def test_the_newest_live_key_signs(db: psycopg.Connection, tenant: int) -> None:
    db.execute("UPDATE identity.signing_keys SET created_at = '2001-01-01'")
    db.execute(ADD, ["newer", KEY[::-1]])
    issue = "SELECT identity.issue_token(%s)"
    assert parts(value(db, issue, [tenant]))[0]["kid"] == "newer"
    db.execute("UPDATE identity.signing_keys SET retired_at = now() WHERE kid = 'newer'")
    assert parts(value(db, issue, [tenant]))[0]["kid"] == "test"


def test_a_database_without_a_live_key_gets_one_with_its_first_token(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute("UPDATE identity.signing_keys SET retired_at = now()")
    with as_role(db, "pgerp_migrator"):
        for _ in range(2):
            token = value(db, "SELECT identity.issue_token(%s)", [tenant])
            db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
            assert value(db, "SELECT identity.current_tenant()") == tenant
    live = "SELECT count(*) FROM identity.signing_keys WHERE retired_at IS NULL"
    assert value(db, live) == 1


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("identity.issue_token(-1)", "ZI008"),
        ("identity.issue_token(NULL)", "ZI008"),
        ("identity.issue_token({}, NULL)", "22023"),
        ("identity.issue_token({}, '')", "22023"),
        ("identity.issue_token({}, 'a', NULL, NULL)", "22023"),
        ("identity.issue_token({}, 'a', '{{1,NULL}}')", "22023"),
    ],
)
def test_a_token_that_nobody_could_use_is_not_issued(
    db: psycopg.Connection, tenant: int, call: str, sqlstate: str
) -> None:
    throws(db, sqlstate, f"SELECT {call.format(tenant)}")


def test_no_token_of_an_inactive_tenant_is_issued(db: psycopg.Connection, tenant: int) -> None:
    db.execute("UPDATE identity.tenants SET is_active = false WHERE id = %s", [tenant])
    throws(db, "ZI008", "SELECT identity.issue_token(%s)", [tenant])


def test_who_issues_a_token_keeps_nobody_else_waiting_once_there_is_a_key(clone: str) -> None:
    with connect(clone) as first, connect(clone) as second, connect(clone) as observer:
        tenant = value(first, "SELECT identity.create_tenant('Tenant')")
        issue = "SELECT identity.issue_token(%s)"
        first.execute("BEGIN")
        value(first, issue, [tenant])
        waiting = Background(second, lambda: value(second, issue, [tenant]))
        assert waiting.waits(observer)
        first.execute("COMMIT")
        assert waiting.result() is None
        assert value(first, "SELECT count(*) FROM identity.signing_keys") == 1
        first.execute("BEGIN")
        value(first, issue, [tenant])
        second.execute("SET lock_timeout = '5s'")
        value(second, issue, [tenant])
        first.execute("ROLLBACK")


def test_clients_neither_issue_tokens_nor_add_keys_nor_read_any(db: psycopg.Connection) -> None:
    for role in CLIENTS:
        signature = "identity.issue_token(integer, text, integer[], interval, text[])"
        lacks_privilege(db, role, "EXECUTE", f"function {signature}")
        lacks_privilege(db, role, "EXECUTE", "function identity.add_signing_key(text, bytea)")
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            lacks_privilege(db, role, privilege, "table identity.signing_keys")
        with as_role(db, role):
            throws(db, "42501", "SELECT kid FROM identity.signing_keys")
            throws(db, "42501", "COPY identity.signing_keys TO STDOUT")


def test_no_function_that_a_client_may_call_returns_a_pad(
    db: psycopg.Connection, tenant: int
) -> None:
    is_empty(
        db,
        """SELECT p.oid::regprocedure FROM pg_proc AS p
        WHERE has_function_privilege('pgerp_app', p.oid, 'EXECUTE')
            AND p.prosrc ~ 'signing_keys' AND p.oid <> 'identity.token_claims'::regproc""",
    )
