"""`pgerp encryption`: a key file that only its owner reads, and keys that are never printed."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pgerp.cli import main
from pgerp.encryption import Keyring
from pgerp.errors import PgerpError
from pgerp.keyfile import read_keys
from tests.runner.journals import run

NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


def act(*words: str | Path, file: Path) -> Result:
    """Run a command that needs no database."""
    return run(NO_DATABASE, "encryption", *words, "--keys", file)


def listed(file: Path) -> list[dict[str, Any]]:
    result = act("list", "--json", file=file)
    assert result.exit_code == 0
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def states(file: Path) -> list[tuple[str, str]]:
    return [(key["purpose"], key["state"]) for key in listed(file)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.jwks"
    assert act("new", file=path).exit_code == 0
    return path


def test_a_new_file_has_a_key_for_each_purpose_and_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.jwks"
    before = os.umask(0)
    try:
        assert act("new", file=path).exit_code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert states(path) == [("encryption", "active"), ("hash", "active")]
    keys = json.loads(path.read_text())["keys"]
    assert {key["kty"] for key in keys} == {"oct"}
    assert len({key["k"] for key in keys}) == 2
    ring = Keyring.load(path)
    assert ring.decrypt(ring.encrypt("x")) == "x"


def test_a_file_that_is_there_is_never_written_over(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    assert act("new", file=file).exit_code == 2
    assert file.read_bytes() == content
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    assert act("new", file=link).exit_code == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_goes_from_next_to_active_to_old_and_values_of_all_are_read(file: Path) -> None:
    first = Keyring.load(file).encrypt("x")
    assert act("rotate", file=file).exit_code == 0
    during = Keyring.load(file)
    assert states(file) == [
        ("encryption", "active"),
        ("encryption", "next"),
        ("hash", "active"),
        ("hash", "next"),
    ]
    assert not during.needs_rotation(first)
    assert len(during.hashes("x", "text")) == 2
    assert act("activate", file=file).exit_code == 0
    assert sorted(states(file)) == [
        ("encryption", "active"),
        ("encryption", "old"),
        ("hash", "active"),
        ("hash", "old"),
    ]
    after = Keyring.load(file)
    assert after.needs_rotation(first)
    assert during.decrypt(after.encrypt("y")) == "y"
    assert after.decrypt(first) == "x"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_one_purpose_rotates_by_itself(file: Path) -> None:
    assert act("rotate", "--purpose", "hash", file=file).exit_code == 0
    assert act("activate", file=file).exit_code == 0
    assert sorted(states(file)) == [("encryption", "active"), ("hash", "active"), ("hash", "old")]


def test_a_second_next_key_and_an_activation_of_none_are_refused(file: Path) -> None:
    assert act("activate", file=file).exit_code == 2
    assert act("rotate", file=file).exit_code == 0
    content = file.read_bytes()
    assert act("rotate", file=file).exit_code == 2
    assert act("rotate", "--purpose", "hash", file=file).exit_code == 2
    assert file.read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o601, 0o777])
def test_a_file_that_others_may_read_or_write_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(PgerpError, match=f"{mode:04o}"):
        Keyring.load(file)
    for action in ("list", "rotate", "activate"):
        assert act(action, file=file).exit_code == 2
    assert not file.with_name("keys.jwks.new").exists()
    file.chmod(0o400)
    assert Keyring.load(file)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"not json", b"[[[["])
def test_a_broken_file_is_told_in_one_paragraph(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    for action in ("list", "rotate", "activate"):
        result = act(action, file=file)
        assert (result.exit_code, result.stdout) == (2, "")
        assert str(file) in result.stderr
    assert file.read_bytes() == content


def test_a_missing_file_and_a_folder_are_told_in_one_paragraph(tmp_path: Path) -> None:
    assert act("list", file=tmp_path / "none").exit_code == 2
    assert act("list", file=tmp_path).exit_code == 2
    assert act("new", file=tmp_path / "none" / "keys").exit_code == 2


def test_a_command_that_was_cut_off_while_it_wrote_stops_the_next_one(file: Path) -> None:
    content = file.read_bytes()
    file.with_name("keys.jwks.new").touch()
    result = act("rotate", file=file)
    assert result.exit_code == 2
    assert "keys.jwks.new" in result.stderr
    assert file.read_bytes() == content
    file.with_name("keys.jwks.new").unlink()
    assert act("rotate", file=file).exit_code == 0
    assert not file.with_name("keys.jwks.new").exists()


def test_a_file_behind_a_link_is_written_where_it_is(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jwks"
    link.symlink_to(file)
    assert act("rotate", file=link).exit_code == 0
    assert link.is_symlink()
    assert len(read_keys(file)) == 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes files of others")
def test_the_application_keeps_its_file_when_root_rotates_it(file: Path) -> None:
    os.chown(file, 12345, 12345)
    assert act("rotate", file=file).exit_code == 0
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 12345)


def test_no_key_is_ever_printed(file: Path) -> None:
    results = [
        act(*words, file=file)
        for words in (["list"], ["list", "--json"], ["rotate"], ["activate"], ["list"], ["new"])
    ]
    assert [result.exit_code for result in results] == [0, 0, 0, 0, 0, 2]
    secrets = [key.secret for key in read_keys(file)]
    assert len(secrets) == 4
    for result in results:
        for secret in secrets:
            assert secret.hex() not in result.output
            assert base64.urlsafe_b64encode(secret).decode()[:20] not in result.output


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["retire"],
        ["list", "a"],
        ["list", "--purpose", "hash"],
        ["list", "--dry-run"],
        ["rotate", "--json"],
        ["reencrypt", "--purpose", "hash"],
        ["rotate", "--batch", "5"],
        ["new", "--country", "KE"],
        ["reencrypt", "--batch", "0"],
        ["reencrypt", "--retries", "-1"],
    ],
)
def test_words_that_do_not_belong_together_are_refused(file: Path, words: list[str]) -> None:
    assert act(*words, file=file).exit_code == 2


def test_the_file_may_be_named_in_the_environment_or_in_dotenv(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    monkeypatch.chdir(folder)
    words = ["encryption", "list"]
    (folder / ".env").write_text("OTHER=1\n")
    assert CliRunner().invoke(main, words).exit_code == 2
    (folder / ".env").write_text(f"PGERP_ENCRYPTION_KEYS_FILE={file}\n")
    assert CliRunner().invoke(main, words).exit_code == 0
    monkeypatch.setenv("PGERP_ENCRYPTION_KEYS_FILE", str(tmp_path / "none"))
    assert CliRunner().invoke(main, words).exit_code == 2


def test_the_active_key_and_one_that_is_not_there_are_not_retired(file: Path) -> None:
    content = file.read_bytes()
    for kid in (listed(file)[0]["kid"], "none"):
        assert act("retire", kid, file=file).exit_code == 2
    assert file.read_bytes() == content
    assert not file.with_name("keys.jwks.retired").exists()
