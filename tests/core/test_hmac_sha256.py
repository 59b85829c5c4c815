"""HMAC-SHA-256 from what PostgreSQL has without an extension."""

from __future__ import annotations

import hashlib
import hmac

import psycopg
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.pgtap import value

beside_the_fixture = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_the_hmac_is_the_one_of_the_standard(db: psycopg.Connection) -> None:
    # RFC 4231, test cases 1, 2, 3 and 6.
    for key, message, expected in (
        (
            b"\x0b" * 20,
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
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
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ):
        assert (
            value(db, "SELECT encode(core.hmac_sha256(%s, %s), 'hex')", [key, message]) == expected
        )


def test_the_hmac_is_pythons_for_every_key_and_message(db: psycopg.Connection) -> None:
    @beside_the_fixture
    @given(st.binary(max_size=150), st.binary(max_size=150))
    @example(b"k" * 64, b"")
    @example(b"k" * 65, b"")
    @example(b"", b"")
    def agree(key: bytes, message: bytes) -> None:
        expected = hmac.new(key, message, hashlib.sha256).digest()
        assert value(db, "SELECT core.hmac_sha256(%s, %s)", [key, message]) == expected

    agree()
