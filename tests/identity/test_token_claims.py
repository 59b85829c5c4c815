"""identity.token_claims: which tokens prove a tenant, and that every other one is refused."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.identity.tokens import HEADER, KEY, base64url, claims, sign, sign_parts
from tests.pgtap import as_role, throws, value

CLAIMS = "SELECT identity.token_claims()"
NOT_VALID, EXPIRED = "ZI002", "ZI003"


def hold(db: psycopg.Connection, token: str | None) -> None:
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])


def accepted(db: psycopg.Connection, token: str) -> Any:
    hold(db, token)
    with as_role(db, "pgerp_app"):
        return value(db, CLAIMS)


def refused(db: psycopg.Connection, token: str, sqlstate: str = NOT_VALID) -> None:
    hold(db, token)
    with as_role(db, "pgerp_app"):
        throws(db, sqlstate, CLAIMS)


def test_the_claims_of_a_valid_token_are_returned_whole(
    db: psycopg.Connection, tenant: int
) -> None:
    given = claims(tenant, business=[1, 2], jti="x", more={"a": [None, 1.5, "ü"]})
    assert accepted(db, sign(given)) == given


@pytest.mark.parametrize(
    "token", [pytest.param(None, id="never set"), pytest.param("", id="empty")]
)
def test_without_a_token_there_are_no_claims(
    db: psycopg.Connection, tenant: int, token: str | None
) -> None:
    assert accepted(db, token) is None


@pytest.mark.parametrize(
    "write",
    [
        lambda data: json.dumps(data, indent=2),
        lambda data: json.dumps(data, separators=(",", ":")),
        lambda data: json.dumps(dict(reversed(data.items()))),
        lambda data: json.dumps(data, sort_keys=True).replace(",", "\r\n\t,"),
        lambda data: json.dumps(data, ensure_ascii=False),
    ],
    ids=["indented", "compact", "fields reversed", "line ends", "not only ASCII"],
)
def test_tokens_of_another_implementation_are_accepted_however_they_write_json(
    db: psycopg.Connection, tenant: int, write: Any
) -> None:
    given = claims(tenant, sub="Zoë ~ÿ?>")
    header = write({"typ": "JWT", "kid": "any", "alg": "HS256"})
    assert accepted(db, sign_parts(header.encode(), write(given).encode())) == given


def test_payloads_of_every_length_modulo_3_and_with_both_special_characters_are_decoded(
    db: psycopg.Connection, tenant: int
) -> None:
    seen = ""
    for length in range(1, 7):
        given = claims(tenant, sub="~?" * length + "x" * (length % 3))
        token = sign_parts(json.dumps(HEADER).encode(), json.dumps(given).encode())
        seen += token.split(".")[1]
        assert accepted(db, token) == given
    hold(db, sign_parts(b'{"alg":"HS256"}', json.dumps(claims(tenant, sub="ûÿ¿")).encode()))
    assert value(db, "SELECT identity.token_claims() ->> 'sub'") == "ûÿ¿"


def swap(token: str, part: int, text: str) -> str:
    parts = token.split(".")
    parts[part] = text
    return ".".join(parts)


def tampered(token: str, tenant: int) -> dict[str, str]:
    """Return what somebody without the key can make of a token."""
    header, payload, signature = token.split(".")
    other = base64url(json.dumps(claims(tenant + 1)).encode())
    none = base64url(b'{"alg":"none"}')
    last = chr(ord(signature[-1]) + 1)
    return {
        "another tenant": swap(token, 1, other),
        "another header": swap(token, 0, base64url(b'{"alg":"HS256"}')),
        "first character of the signature": f"{header}.{payload}.{signature[1:]}",
        "last bits of the signature": token[:-1] + last,
        "no signature": f"{header}.{payload}.",
        "signature of another token": swap(token, 2, sign(claims(tenant + 1)).split(".")[2]),
        "signature padded": token + "=",
        "signature twice": token + signature,
        "algorithm none": f"{none}.{other}.",
        "algorithm none, signature kept": f"{none}.{payload}.{signature}",
        "two parts": f"{header}.{payload}",
        "one part": header,
        "a part more": f"{token}.{signature}",
        "a dot more": f"{token}.",
        "a dot before": f".{token}",
        "only dots": "..",
        "a dot": ".",
        "blank": " ",
        "blank before": f" {token}",
        "line end after": f"{token}\n",
        "truncated by a character": token[:-1],
        "truncated by half": token[: len(token) // 2],
        "upper case": token.upper(),
        "key as signature": f"{header}.{payload}.{base64url(KEY)}",
        "not ASCII": f"{header}.{payload}.é",
        "SQL": "' OR true --",
        "long": "a" * 1_000_000 + ".b.c",
    }


@pytest.mark.parametrize("how", tampered("a.b.c", 1))
def test_a_token_that_was_tampered_with_is_refused(
    db: psycopg.Connection, tenant: int, how: str
) -> None:
    token = sign(claims(tenant))
    assert accepted(db, token)
    refused(db, tampered(token, tenant)[how])


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"alg": None},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "hs256"},
        {"alg": "HS384"},
        {"alg": "RS256"},
        {"alg": ["HS256"]},
        {"alg": "HS256", "crit": ["exp"]},
        ["HS256"],
        "HS256",
        None,
        {},
    ],
    ids=json.dumps,
)
def test_a_header_that_says_more_or_less_than_hs256_is_refused_even_when_rightly_signed(
    db: psycopg.Connection, tenant: int, header: Any
) -> None:
    payload = json.dumps(claims(tenant)).encode()
    refused(db, sign_parts(json.dumps(header).encode(), payload))


@pytest.mark.parametrize("claim", ["tenant", "sub", "business", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(
    db: psycopg.Connection, tenant: int, claim: str
) -> None:
    given = claims(tenant)
    del given[claim]
    refused(db, sign(given))


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        *(("tenant", wrong) for wrong in (None, "1", 1.5, -1, 1e30, [1], {}, True)),
        *(("sub", wrong) for wrong in (None, "", 1, ["alice"], {})),
        *(("exp", wrong) for wrong in (None, "9999999999", -1, 1e300, [], True)),
        *(
            ("business", wrong)
            for wrong in (None, "", "1", "**", 1, {}, ["1"], [1.5], [-1], [None], [[1]], ["*"])
        ),
    ],
)
def test_a_claim_of_a_wrong_type_is_refused(
    db: psycopg.Connection, tenant: int, claim: str, wrong: Any
) -> None:
    refused(db, sign(claims(tenant, **{claim: wrong})))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"hello",
        b"\xff\xfe{}",
        b"[1]",
        b'"text"',
        b"null",
        b'{"tenant": 1',
        b'{"sub": "\\u0000"}',
        b'{"sub": "\\ud800"}',
    ],
    ids=repr,
)
def test_a_payload_that_is_not_a_json_object_in_utf_8_is_refused_even_when_rightly_signed(
    db: psycopg.Connection, tenant: int, payload: bytes
) -> None:
    refused(db, sign_parts(json.dumps(HEADER).encode(), payload))


@pytest.mark.parametrize("seconds", [-1_000_000, -1, 0])
def test_a_token_is_refused_from_its_expiry_on(
    db: psycopg.Connection, tenant: int, seconds: int
) -> None:
    now = float(value(db, "SELECT extract(EPOCH FROM now())"))
    refused(db, sign(claims(tenant, exp=now + seconds)), EXPIRED)


def test_a_token_holds_until_its_expiry_which_may_have_a_fraction(
    db: psycopg.Connection, tenant: int
) -> None:
    now = float(value(db, "SELECT extract(EPOCH FROM now())"))
    assert accepted(db, sign(claims(tenant, exp=round(now + 0.5, 3))))


def test_a_token_of_an_unknown_key_is_refused(db: psycopg.Connection, tenant: int) -> None:
    refused(db, sign(claims(tenant), key=bytes(32)))


def test_every_live_key_signs_and_a_retired_one_does_not(
    db: psycopg.Connection, tenant: int
) -> None:
    second = bytes(reversed(KEY))
    db.execute("SELECT identity.add_signing_key('second', %s)", [second])
    tokens = [sign(claims(tenant), key=KEY), sign(claims(tenant), key=second)]
    assert all(accepted(db, token) for token in tokens)
    db.execute("UPDATE identity.signing_keys SET retired_at = now() WHERE kid = 'test'")
    refused(db, tokens[0])
    assert accepted(db, tokens[1])


def test_without_any_live_key_every_token_is_refused(db: psycopg.Connection, tenant: int) -> None:
    db.execute("DELETE FROM identity.signing_keys")
    refused(db, sign(claims(tenant)))
