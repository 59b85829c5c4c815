"""`pgerp keys` and `pgerp token`: two live keys, and a key that is never printed by itself."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from pgerp.cli import main
from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.keys import list_keys, retire, rotate
from tests.background import Background
from tests.identity.tokens import claims, from_base64url, sign
from tests.runner.journals import ask, run


def keys(url: str) -> dict[str, str]:
    """Return what `keys list` says: id and state, newest first."""
    result = run(url, "keys", "list", "--json")
    assert result.exit_code == 0
    return {key["kid"]: key["state"] for key in json.loads(result.stdout)}


def accepted(url: str, token: str) -> bool:
    with connect(url) as conn:
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])
        try:
            return conn.execute("SELECT identity.current_tenant()").fetchone() is not None
        except Exception as error:
            assert getattr(error, "sqlstate", None) == "ZI002"
            return False


def header(token: str) -> Any:
    return json.loads(from_base64url(token.split(".")[0]))


def pads(url: str) -> list[bytes]:
    rows = ask(url, "SELECT inner_pad, outer_pad FROM identity.signing_keys")
    return [pad for row in rows for pad in row]


@pytest.fixture
def tenant(clone: str) -> int:
    return ask(clone, "SELECT identity.create_tenant('Acme')")[0][0]


def test_the_new_key_signs_and_the_one_before_verifies_until_it_is_retired(
    clone: str, tenant: int, tmp_path: Path
) -> None:
    assert keys(clone) == {}
    first, second = tmp_path / "first.jwk", tmp_path / "second.jwk"
    assert run(clone, "keys", "rotate", "--kid", "one", "--secret-file", first).exit_code == 0
    old = run(clone, "token").stdout.strip()
    assert run(clone, "keys", "rotate", "--kid", "two", "--secret-file", second).exit_code == 0
    assert list(keys(clone).items()) == [("two", "signs"), ("one", "verifies")]
    new = run(clone, "token").stdout.strip()
    assert (header(old)["kid"], header(new)["kid"]) == ("one", "two")
    # What a service signs with the file's key is accepted, whatever library it has.
    issued = []
    for file in (first, second):
        jwk = json.loads(file.read_text())
        assert (jwk["kty"], jwk["alg"], jwk["kid"]) == (
            "oct",
            "HS256",
            "one" if file is first else "two",
        )
        issued.append(sign(claims(tenant), key=from_base64url(jwk["k"])))
    assert all(accepted(clone, token) for token in (old, new, *issued))
    assert run(clone, "keys", "retire", "one").exit_code == 0
    assert list(keys(clone).items()) == [("two", "signs"), ("one", "retired")]
    assert [accepted(clone, token) for token in (old, issued[0], new, issued[1])] == [
        False,
        False,
        True,
        True,
    ]


def test_the_file_is_for_its_owner_only_and_never_overwritten(clone: str, tmp_path: Path) -> None:
    file = tmp_path / "key.jwk"
    before = os.umask(0)
    try:
        assert run(clone, "keys", "rotate", "--secret-file", file).exit_code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_text()
    assert len(from_base64url(json.loads(content)["k"])) == 32
    assert run(clone, "keys", "rotate", "--secret-file", file).exit_code == 2
    assert file.read_text() == content
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    assert run(clone, "keys", "rotate", "--secret-file", link).exit_code == 2
    assert not (tmp_path / "elsewhere").exists()
    assert len(keys(clone)) == 1


def test_a_key_that_was_not_made_leaves_no_file(clone: str, tmp_path: Path) -> None:
    file = tmp_path / "key.jwk"
    for kid in ("a", "b"):
        assert run(clone, "keys", "rotate", "--kid", kid).exit_code == 0
    for words in (["--kid", "c"], ["--kid", "a"]):
        assert run(clone, "keys", "rotate", *words, "--secret-file", file).exit_code == 2
    assert run(clone, "keys", "retire", "a").exit_code == 0
    assert run(clone, "keys", "rotate", "--kid", "a", "--secret-file", file).exit_code == 2
    assert run(clone, "keys", "rotate", "--kid", " bad", "--secret-file", file).exit_code == 2
    assert not file.exists()
    assert keys(clone) == {"b": "signs", "a": "retired"}


def test_no_key_is_printed_unless_asked_for_on_a_terminal(
    clone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.jwk"
    results = [
        run(clone, "keys", "rotate", "--secret-file", file),
        run(clone, "keys"),
        run(clone, "keys", "list", "--json"),
        run(clone, "keys", "rotate", "--show-secret"),
    ]
    assert [result.exit_code for result in results] == [0, 0, 0, 2]
    assert len(keys(clone)) == 1
    secret = from_base64url(json.loads(file.read_text())["k"])
    for result in results:
        for value in (secret, *pads(clone)):
            for text in (value.hex(), base64.b64encode(value).decode()[:20]):
                assert text not in result.output
    monkeypatch.setattr("pgerp.cli.keys.sys.stdout", sys.stdout)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    shown = run(clone, "keys", "rotate", "--show-secret", "--kid", "shown")
    assert shown.exit_code == 0
    jwk = json.loads(shown.stdout.splitlines()[1])
    token = sign(claims(1), key=from_base64url(jwk["k"]))
    assert accepted(clone, token)


def test_the_last_live_key_is_kept(clone: str) -> None:
    assert run(clone, "keys", "rotate", "--kid", "a").exit_code == 0
    for kid in ("a", "none"):
        assert run(clone, "keys", "retire", kid).exit_code == 2
    assert run(clone, "keys", "rotate", "--kid", "b").exit_code == 0
    assert run(clone, "keys", "retire", "a").exit_code == 0
    for kid in ("a", "b"):
        assert run(clone, "keys", "retire", kid).exit_code == 2
    assert keys(clone) == {"b": "signs", "a": "retired"}


@pytest.mark.parametrize(
    "words",
    [
        ["retire"],
        ["list", "a"],
        ["rotate", "a"],
        ["list", "--secret-file", "x"],
        ["retire", "a", "--show-secret"],
    ],
)
def test_words_that_do_not_belong_together_are_refused(clone: str, words: list[str]) -> None:
    assert run(clone, "keys", *words).exit_code == 2


def test_two_who_rotate_at_once_do_not_make_three_live_keys(clone: str) -> None:
    with connect(clone) as one, connect(clone) as two, connect(clone) as observer:
        rotate(one, kid="a")
        refused = []

        def rotate_too() -> None:
            try:
                rotate(two, kid="c")
            except PgerpError as error:
                refused.append(error)

        with one.transaction():
            rotate(one, kid="b")
            waiting = Background(two, rotate_too)
            assert waiting.waits(observer)
        waiting.result()
        assert len(refused) == 1
    assert keys(clone) == {"b": "signs", "a": "verifies"}


def test_a_key_made_while_the_clock_stood_back_signs_nevertheless(clone: str) -> None:
    assert run(clone, "keys", "rotate", "--kid", "a").exit_code == 0
    ask(clone, "UPDATE identity.signing_keys SET created_at = now() + '1 day'")
    assert run(clone, "keys", "rotate", "--kid", "b").exit_code == 0
    assert keys(clone) == {"b": "signs", "a": "verifies"}


def test_a_token_says_what_was_asked_for(clone: str, tenant: int) -> None:
    with connect(clone) as conn:
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), false)", [tenant])
        for code in "AB":
            conn.execute("SELECT identity.create_business(%s, %s, 'USD')", [code, code])
    words = ["--tenant", "Acme", "--subject", "jane", "--business", "B", "--minutes", "5"]
    result = run(clone, "token", *words, "--permission", "ledger.post")
    assert result.exit_code == 0
    payload = json.loads(from_base64url(result.stdout.strip().split(".")[1]))
    assert payload["exp"] - payload["iat"] == 300
    assert {name: payload[name] for name in ("tenant", "sub", "business", "permissions")} == {
        "tenant": tenant,
        "sub": "jane",
        "business": [2],
        "permissions": ["ledger.post"],
    }
    plain = json.loads(from_base64url(run(clone, "token").stdout.strip().split(".")[1]))
    assert plain["business"] == "*"
    assert "permissions" not in plain
    for wrong in (["--tenant", "None"], ["--business", "C"], ["--minutes", "0"]):
        assert run(clone, "token", *wrong).exit_code == 2


def test_a_client_neither_sees_nor_changes_keys(clone: str, tenant: int) -> None:
    with connect(clone) as conn:
        conn.execute("SET ROLE pgerp_app")
        for act in (list_keys, rotate, lambda each: retire(each, "a")):
            with pytest.raises(PgerpError) as caught:
                act(conn)
            assert caught.value.sqlstate == "42501"


def test_the_commands_are_there() -> None:
    assert {"keys", "token"} <= set(main.list_commands(None))  # type: ignore[arg-type]
