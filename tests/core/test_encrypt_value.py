"""Sensitive values in SQL: the same tokens and hashes as in Python, both ways.

What encrypts needs pgcrypto; those tests run where the server has the extension.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pgerp.encryption import DamagedValue, Keyring
from pgerp.keyfile import ENCRYPTION, HASH, Key
from pgerp.normalise import normalise
from tests.pgtap import as_role, lacks_privilege, throws, value
from tests.runner.fernet_vectors import INVALID, IV, NOW, SECRET, SOURCE, TOKEN

KEY, HASH_KEY = bytes(range(32)), bytes(range(32, 64))
AT = datetime(2026, 11, 27, tzinfo=UTC)
RING = Keyring(
    [Key("e", ENCRYPTION, "active", AT, KEY), Key("h", HASH, "active", AT, HASH_KEY)],
    country="KE",
)
ENCRYPT = "SELECT core.encrypt_value(%s, %s, %s)"
DECRYPT = "SELECT core.decrypt_value(%s, %s)"
HASH_OF = "SELECT core.keyed_hash_of(%s, %s, %s, %s)"

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
beside_the_fixture = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def crypto(db: psycopg.Connection) -> psycopg.Connection:
    """A session of a database with pgcrypto, in a schema of its own."""
    found = value(db, "SELECT count(*) FROM pg_available_extensions WHERE name = 'pgcrypto'")
    if not found:
        pytest.skip("this server does not have the extension pgcrypto")
    db.execute('CREATE SCHEMA "Crypto 1"; CREATE EXTENSION pgcrypto SCHEMA "Crypto 1"')
    db.execute('GRANT USAGE ON SCHEMA "Crypto 1" TO pgerp_app')
    return db


def test_what_sql_encrypts_python_reads_and_what_python_encrypts_sql_reads(
    crypto: psycopg.Connection,
) -> None:
    @beside_the_fixture
    @given(texts)
    @example("")
    @example("0712 345678")
    @example("x" * 6000)
    @example("\U0010ffff" * 15 + "x")
    def agree(text: str) -> None:
        made = value(crypto, ENCRYPT, [text, "e", KEY])
        assert RING.decrypt(made) == text
        assert value(crypto, DECRYPT, [made, KEY]) == text
        assert value(crypto, DECRYPT, [RING.encrypt(text), KEY]) == text

    agree()


def test_the_vectors_of_the_specification_are_made_and_read(crypto: psycopg.Connection) -> None:
    secret = base64.urlsafe_b64decode(SECRET)
    made = value(
        crypto,
        "SELECT core.fernet_token(%s, %s, %s, to_timestamp(%s))",
        [SOURCE, secret, IV, NOW],
    )
    assert made == TOKEN
    assert value(crypto, DECRYPT, [f"vector:{TOKEN}", secret]) == SOURCE


@pytest.mark.parametrize("description", INVALID)
def test_the_invalid_vectors_of_the_specification_are_refused(
    crypto: psycopg.Connection, description: str
) -> None:
    secret = base64.urlsafe_b64decode(SECRET)
    with pytest.raises(psycopg.Error) as caught, crypto.transaction():
        crypto.execute(DECRYPT, [f"vector:{INVALID[description]}", secret])
    # Not of the type, or of the type and not what it should be.
    of_the_type = description in (
        "incorrect mac",
        "payload padding error",
        "incorrect IV (causes padding error)",
    )
    assert caught.value.sqlstate == ("ZK002" if of_the_type else "23514")


@pytest.mark.parametrize("blocks", [b"x" * 24, b"x" * 15 + b"\0", b"x" * 15 + b"\x11", b"x" * 16])
def test_a_right_signature_around_wrong_blocks_does_not_help(
    crypto: psycopg.Connection, blocks: bytes
) -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if len(blocks) % 16 == 0:
        cipher = Cipher(algorithms.AES(KEY[16:]), modes.CBC(IV)).encryptor()
        blocks = cipher.update(blocks)
    signed = b"\x80" + bytes(8) + IV + blocks
    token = signed + hmac.digest(KEY[:16], signed, "sha256")
    made = f"e:{base64.urlsafe_b64encode(token).decode()}"
    throws(crypto, "ZK002", DECRYPT, [made, KEY])
    with pytest.raises(DamagedValue):
        RING.decrypt(made)


def test_a_value_with_any_byte_changed_is_refused(crypto: psycopg.Connection) -> None:
    raw = base64.urlsafe_b64decode(RING.encrypt("0712 345678")[2:])
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        token = base64.urlsafe_b64encode(changed).decode()
        throws(crypto, "ZK002" if at > 3 else "23514", DECRYPT, [f"e:{token}", KEY])


def test_no_text_that_was_signed_and_is_none_shows_in_the_error(crypto: psycopg.Connection) -> None:
    # What another program could have signed with the key: no UTF-8, and a character NUL.
    from cryptography.fernet import Fernet

    for plain in (b"s3cr3t\xff", b"s3cr3t\0"):
        token = Fernet(base64.urlsafe_b64encode(KEY)).encrypt(plain).decode()
        with pytest.raises(psycopg.Error) as caught, crypto.transaction():
            crypto.execute(DECRYPT, [f"e:{token}", KEY])
        assert caught.value.sqlstate == "ZK002"
        diag = caught.value.diag
        said = f"{diag.message_primary} {diag.message_detail} {diag.context}"
        assert "s3cr3t" not in said and "ff" not in said


def test_the_wrong_key_and_the_wrong_half_of_it_are_refused(crypto: psycopg.Connection) -> None:
    made = value(crypto, ENCRYPT, ["x", "e", KEY])
    throws(crypto, "ZK002", DECRYPT, [made, KEY[::-1]])
    throws(crypto, "ZK002", DECRYPT, [made, bytes(16) + KEY[16:]])
    other = Keyring(
        [
            Key("e", ENCRYPTION, "active", AT, KEY[:16] + bytes(16)),
            Key("h", HASH, "active", AT, HASH_KEY),
        ]
    )
    with pytest.raises(DamagedValue):
        other.decrypt(made)


def test_the_same_text_is_never_encrypted_the_same(crypto: psycopg.Connection) -> None:
    query = "SELECT count(DISTINCT core.encrypt_value('x', 'e', %s)) FROM generate_series(1, 100)"
    assert value(crypto, query, [KEY]) == 100


def test_null_stays_null_where_there_is_a_key(crypto: psycopg.Connection) -> None:
    assert value(crypto, ENCRYPT, [None, "e", KEY]) is None
    assert value(crypto, DECRYPT, [None, KEY]) is None
    assert value(crypto, HASH_OF, [None, "phone", "h", HASH_KEY]) is None


def test_a_text_too_long_for_the_column_is_refused(crypto: psycopg.Connection) -> None:
    throws(crypto, "23514", ENCRYPT, ["x" * 6100, "e", KEY])


def test_an_application_may_and_a_reader_may_not(crypto: psycopg.Connection) -> None:
    with as_role(crypto, "pgerp_app"):
        made = value(crypto, ENCRYPT, ["x", "e", KEY])
        assert value(crypto, DECRYPT, [made, KEY]) == "x"
        assert value(crypto, HASH_OF, ["x", "text", "h", HASH_KEY]) == RING.hash("x", "text")
    for signature in (
        "core.encrypt_value(text, text, bytea)",
        "core.decrypt_value(core.encrypted_value, bytea)",
        "core.keyed_hash_of(text, text, text, bytea)",
    ):
        lacks_privilege(crypto, "pgerp_readonly", "EXECUTE", f"function {signature}")


def test_a_function_of_the_same_name_in_the_extensions_schema_is_not_called(
    crypto: psycopg.Connection,
) -> None:
    crypto.execute(
        """CREATE FUNCTION "Crypto 1".encrypt_iv(bytea, bytea, bytea, varchar) RETURNS bytea
        LANGUAGE sql AS $$ SELECT $2 $$;
        CREATE FUNCTION "Crypto 1".encrypt_iv(anyelement, bytea, bytea, text) RETURNS bytea
        LANGUAGE sql AS $$ SELECT $2 $$"""
    )
    assert RING.decrypt(value(crypto, ENCRYPT, ["x", "e", KEY])) == "x"


def test_without_pgcrypto_what_encrypts_says_so(db: psycopg.Connection) -> None:
    throws(db, "0A000", ENCRYPT, ["x", "e", KEY])
    throws(db, "0A000", DECRYPT, [RING.encrypt("x"), KEY])
    with pytest.raises(psycopg.errors.FeatureNotSupported) as caught, db.transaction():
        db.execute(ENCRYPT, ["x", "e", KEY])
    assert "pgcrypto" in (caught.value.diag.message_hint or "")
    # A wrong key is found first, and needs none.
    throws(db, "ZK002", DECRYPT, [RING.encrypt("x"), HASH_KEY])


@pytest.mark.parametrize("key", [None, b"", bytes(31), bytes(33), bytes(64)])
def test_no_key_is_an_error_and_never_a_null(db: psycopg.Connection, key: bytes | None) -> None:
    throws(db, "22023", "SELECT core.encrypt_value('x', 'e', %s)", [key])
    throws(db, "22023", DECRYPT, [RING.encrypt("x"), key])
    throws(db, "22023", "SELECT core.keyed_hash_of('x', 'text', 'h', %s)", [key])


@pytest.mark.parametrize("key_id", [None, "", "A", "a:b", "k" * 64, "a\n"])
def test_what_is_no_key_id_is_refused(db: psycopg.Connection, key_id: str | None) -> None:
    throws(db, "22023", ENCRYPT, ["x", key_id, KEY])
    throws(db, "22023", HASH_OF, ["x", "text", key_id, KEY])


@pytest.mark.parametrize("kind", [None, "", "Phone", "phone1", "a b", "a\n", "k" * 33])
def test_what_is_no_kind_is_refused(db: psycopg.Connection, kind: str | None) -> None:
    throws(db, "22023", HASH_OF, ["x", kind, "h", HASH_KEY])


def test_plain_text_is_not_decrypted(db: psycopg.Connection) -> None:
    for text in ("0712345678", "e:x", RING.hash("1", "text")):
        throws(db, "23514", DECRYPT, [text, KEY])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "0712 345678"),
        ("document", "a-123 4567"),
        ("iban", "gb82 west 1234 5698 7654 32"),
        ("bank_account", "0100-0012"),
        ("mpesa_receipt", "nlj7rt61sv"),
        ("email", "Jünger@Example.com"),
        ("text", "  Water &  ICE  "),
    ],
)
def test_sql_makes_the_hash_that_python_makes_of_every_kind(
    db: psycopg.Connection, kind: str, text: str
) -> None:
    normal = normalise(text, kind, "KE")
    assert value(db, HASH_OF, [normal, kind, "h", HASH_KEY]) == RING.hash(text, kind)


def test_kind_and_text_do_not_run_into_each_other(db: psycopg.Connection) -> None:
    of = [value(db, HASH_OF, [t, k, "h", HASH_KEY]) for k, t in (("a", "bc"), ("ab", "c"))]
    assert of[0] != of[1]


def test_a_table_takes_what_the_functions_make(crypto: psycopg.Connection) -> None:
    crypto.execute(
        """CREATE TEMPORARY TABLE customers (
            phone_encrypted core.encrypted_value, phone_hash core.keyed_hash
        )"""
    )
    crypto.execute(
        "INSERT INTO customers VALUES (core.encrypt_value('0712 345678', 'e', %s),"
        " core.keyed_hash_of('+254712345678', 'phone', 'h', %s))",
        [KEY, HASH_KEY],
    )
    found = crypto.execute(
        "SELECT phone_encrypted FROM customers WHERE phone_hash = ANY (%s)",
        [RING.hashes("+254 712 345 678", "phone")],
    ).fetchall()
    assert [RING.decrypt(row[0]) for row in found] == ["0712 345678"]
