"""What makes a key ring, from a file's text or from the environment, and what does not."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pgerp.encryption import Keyring
from pgerp.errors import PgerpError
from pgerp.keyfile import Key, parse_keys
from tests.runner.rings import H_ONE, ONE, TWO


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [ONE],
        [H_ONE],
        [ONE, H_ONE, replace(TWO, state="active")],
        [ONE, H_ONE, replace(TWO, kid="e-one")],
        [ONE, H_ONE, replace(TWO, kid="h-one")],
        # One secret for both purposes is what key separation forbids.
        [ONE, replace(H_ONE, secret=ONE.secret)],
        [ONE, H_ONE, replace(TWO, secret=ONE.secret)],
        [replace(ONE, state="old"), H_ONE],
    ],
)
def test_keys_that_do_not_fit_together_make_no_key_ring(keys: list[Key]) -> None:
    with pytest.raises(PgerpError):
        Keyring(keys)


GOOD = {
    "kty": "oct",
    "kid": "a",
    "purpose": "encryption",
    "state": "active",
    "created": "2026-11-27T00:00:00+00:00",
    "k": base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="),
}


def test_a_key_set_is_read_with_and_without_padding() -> None:
    for k in (GOOD["k"], GOOD["k"] + "="):
        (key,) = parse_keys(json.dumps({"keys": [{**GOOD, "k": k}]}), "here")
        assert (key.kid, key.secret) == ("a", bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": 1}',
        '{"keys": [1]}',
        '{"keys": [{}]}',
        *(
            json.dumps({"keys": [{**GOOD, **change}]})
            for change in (
                {"kty": "RSA"},
                {"kid": "A"},
                {"kid": ""},
                {"kid": "k" * 64},
                {"kid": "a\n"},
                {"kid": 1},
                {"purpose": "sig"},
                {"state": "new"},
                {"created": "yesterday"},
                {"created": "2026-11-27"},
                {"created": None},
                {"k": "c2VjcmV0c2VjcmV0"},
                {"k": "!" * 43},
                {"k": None},
            )
        ),
    ],
)
def test_what_is_no_key_set_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(PgerpError) as caught:
        parse_keys(text, "here")
    assert str(caught.value).startswith("here: ")
    assert "c2VjcmV0" not in str(caught.value)


def test_keys_come_from_the_environment_as_text_or_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [
        {**GOOD, "kid": "e"},
        {**GOOD, "kid": "h", "purpose": "hash", "k": "A" * 42 + "E"},
    ]
    text = json.dumps({"keys": keys})
    with pytest.raises(PgerpError):
        Keyring.from_environment()
    monkeypatch.setenv("PGERP_ENCRYPTION_KEYS", text)
    value = Keyring.from_environment().encrypt("x")
    file = tmp_path / "keys"
    monkeypatch.setenv("PGERP_ENCRYPTION_KEYS_FILE", str(file))
    with pytest.raises(PgerpError):
        Keyring.from_environment()
    monkeypatch.delenv("PGERP_ENCRYPTION_KEYS")
    with pytest.raises(PgerpError):
        Keyring.from_environment()
    file.touch(0o600)
    file.write_text(text)
    assert Keyring.from_environment().decrypt(value) == "x"
