"""The key ring: values go in and out unchanged, and nothing that is secret shows anywhere else."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import logging
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgerp.encryption import DamagedValue, Keyring, NotProtected, UnknownKey
from pgerp.errors import PgerpError
from pgerp.keyfile import ENCRYPTION, new_key
from tests.runner.fernet_vectors import INVALID, SOURCE, TOKEN
from tests.runner.rings import AFTER, BEFORE, DURING, H_ONE, H_TWO, ONE, RETIRED, TWO, VECTOR

# What PostgreSQL can hold, short enough to fit when every character has four bytes.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=1500)


@given(texts)
def test_what_is_encrypted_comes_back_as_it_was_under_every_stage_of_a_rotation(text: str) -> None:
    value = BEFORE.encrypt(text)
    for ring in (BEFORE, DURING, AFTER):
        assert ring.decrypt(value) == text
    assert not DURING.needs_rotation(value)
    assert AFTER.needs_rotation(value)
    rotated = AFTER.rotate(value)
    assert rotated.startswith("e-two:")
    assert (RETIRED.decrypt(rotated), RETIRED.rotate(rotated)) == (text, rotated)
    assert len(value) <= 8192


def test_a_next_key_reads_and_searches_before_anything_is_made_with_it() -> None:
    value, hashed = DURING.protect("0712 345678", "phone")
    assert (value.split(":")[0], hashed.split(":")[0]) == ("e-one", "h-one")
    later = AFTER.protect("0712 345678", "phone")
    assert DURING.decrypt(later[0]) == "0712 345678"
    assert later[1] in DURING.hashes("+254712345678", "phone")
    assert [one.split(":")[0] for one in AFTER.hashes("1", "text")] == ["h-two", "h-one"]
    assert AFTER.hash("1", "text") == AFTER.hashes("1", "text")[0]


def test_the_same_text_never_has_the_same_encrypted_value_and_always_the_same_hash() -> None:
    assert BEFORE.encrypt("x") != BEFORE.encrypt("x")
    assert BEFORE.hash("0712-345678", "phone") == BEFORE.hash("+254 712 345 678", "phone")


def test_a_hash_is_the_hmac_of_kind_and_normal_form() -> None:
    message = b"document\x00" + "A123Ü".encode()
    expected = hmac.new(H_ONE.secret, message, hashlib.sha256).hexdigest()
    assert BEFORE.hash("a-123 ü", "document") == f"h-one:{expected}"


def test_equal_digits_of_different_kinds_have_different_hashes() -> None:
    kinds = ("document", "bank_account", "mpesa_receipt", "text")
    hashes = {BEFORE.hash("12345678", kind) for kind in kinds}
    assert len(hashes) == 4


def test_a_hash_is_recognised_under_every_key() -> None:
    old = BEFORE.hash("0712 345678", "phone")
    assert AFTER.matches("+254712345678", "phone", old)
    assert not AFTER.matches("+254712345679", "phone", old)
    assert AFTER.needs_rotation(old) and not BEFORE.needs_rotation(old)
    with pytest.raises(UnknownKey):
        RETIRED.matches("+254712345678", "phone", old)


def test_a_value_of_a_key_that_is_not_there_names_it() -> None:
    value, hashed = BEFORE.protect("secret", "text")
    for act, what in ((RETIRED.decrypt, value), (RETIRED.needs_rotation, value)):
        with pytest.raises(UnknownKey, match="e-one"):
            act(what)
    with pytest.raises(UnknownKey, match="h-one"):
        RETIRED.needs_rotation(hashed)
    # Nor does a hash key open what names it.
    with pytest.raises(UnknownKey):
        BEFORE.decrypt(value.replace("e-one", "h-one"))


@given(st.integers(0, 99), st.integers(1, 63))
def test_a_value_with_any_bit_changed_is_refused(at: int, by: int) -> None:
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    kid, token = BEFORE.encrypt("0712 345678").split(":")
    at %= len(token.rstrip("="))
    changed = digits[digits.index(token[at]) ^ by]
    other = f"{kid}:{token[:at]}{changed}{token[at + 1 :]}"
    if base64.urlsafe_b64decode(other.split(":")[1]) == base64.urlsafe_b64decode(token):
        return  # bits of the last digit that stand for nothing
    with pytest.raises((DamagedValue, NotProtected)):
        BEFORE.decrypt(other)


def test_a_value_of_another_key_with_the_same_id_is_refused() -> None:
    other = Keyring([replace(ONE, secret=TWO.secret), H_ONE])
    with pytest.raises(DamagedValue):
        other.decrypt(BEFORE.encrypt("x"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0712345678",
        "0712:345678",
        "e-one:",
        "e-one:gAAAAA",
        BEFORE.hash("1", "text"),
        "s3cr3t\n",
    ],
)
def test_what_is_no_encrypted_value_is_refused_without_being_shown(text: str) -> None:
    for act in (BEFORE.decrypt, BEFORE.rotate):
        if act == BEFORE.rotate and text.startswith("h-one:"):
            continue
        with pytest.raises(NotProtected) as caught:
            act(text)
        assert text.strip() == "" or text.strip() not in str(caught.value)


def test_a_line_end_after_a_value_is_refused() -> None:
    with pytest.raises(NotProtected):
        BEFORE.decrypt(BEFORE.encrypt("x") + "\n")


def test_the_vectors_of_the_specification_are_read_and_refused() -> None:
    ring = Keyring([VECTOR, H_ONE])
    assert ring.decrypt(f"vector:{TOKEN}") == SOURCE
    for description, token in INVALID.items():
        with pytest.raises((DamagedValue, NotProtected)):
            ring.decrypt(f"vector:{token}")
            pytest.fail(description)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 6100])
def test_what_no_column_could_hold_is_not_encrypted(text: str) -> None:
    with pytest.raises(PgerpError):
        BEFORE.encrypt(text)


def test_the_longest_text_fits_the_column_whatever_the_key_is_called() -> None:
    ring = Keyring([replace(ONE, kid="k" * 63), H_ONE])
    assert len(ring.encrypt("x" * 6000)) <= 8192


@pytest.mark.parametrize("wrong", [None, 712345678, b"0712345678"])
def test_what_is_no_text_is_refused_without_being_shown(wrong: object) -> None:
    acts: list[Callable[[object], object]] = [
        BEFORE.encrypt,  # type: ignore[list-item]
        BEFORE.decrypt,  # type: ignore[list-item]
        lambda it: BEFORE.hash(it, "phone"),  # type: ignore[arg-type]
    ]
    for act in acts:
        with pytest.raises(TypeError) as caught:
            act(wrong)
        assert "712345678" not in str(caught.value)


def _raised(act: Callable[[], object]) -> str:
    try:
        act()
    except Exception as error:
        return "".join(traceback.format_exception(error)) + repr(error)
    raise AssertionError("nothing was raised")


def test_neither_keys_nor_values_are_in_messages_tracebacks_reprs_or_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    plain = "0712-not-a-phone-345678"
    value = BEFORE.encrypt(plain)
    damaged = value[:-6] + "AAAA=="
    said = [
        repr(AFTER),
        str(AFTER),
        repr(ONE),
        repr(new_key(ENCRYPTION, "active")),
        *map(
            _raised,
            (
                lambda: BEFORE.hash(plain, "phone"),
                lambda: BEFORE.hash(plain, "mpesa_receipt"),
                lambda: BEFORE.hash(plain, plain),
                lambda: BEFORE.decrypt(plain),
                lambda: BEFORE.decrypt(damaged),
                lambda: RETIRED.decrypt(value),
                lambda: BEFORE.encrypt(plain + "\0"),
                lambda: BEFORE.encrypt(plain * 1000),
                lambda: Keyring([ONE]),
                lambda: Keyring([ONE, ONE, H_ONE]),
            ),
        ),
        caplog.text,
    ]
    encodings: list[Callable[[bytes], str]] = [
        repr,
        lambda secret: secret.hex(),
        lambda secret: base64.urlsafe_b64encode(secret).decode()[:20],
    ]
    for text in said:
        assert plain not in text
        for key in (ONE, H_ONE, TWO, H_TWO):
            assert not any(encode(key.secret) in text for encode in encodings)


def test_a_key_ring_is_neither_pickled_nor_copied() -> None:
    for act in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            act(BEFORE)  # type: ignore[operator]


def test_the_libraries_are_loaded_when_they_are_used_and_not_before() -> None:
    code = (
        "import sys, pgerp.encryption, pgerp.normalise;"
        " print({'cryptography', 'phonenumbers'} & set(sys.modules))"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "set()\n"
