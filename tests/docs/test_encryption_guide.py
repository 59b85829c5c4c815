"""The guide to sensitive values runs, and says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from pgerp.cli.encryption import ACTIONS
from pgerp.encryption import Keyring
from pgerp.keyfile import create_file, read_keys
from pgerp.normalise import KINDS, normalise
from tests.docs.test_documents import ROOT, blocks
from tests.pgtap import value

GUIDE = "docs/encryption.md"


def test_the_python_of_the_guide_runs(
    db: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    create_file(Path("encryption.jwks"))
    db.execute(
        "CREATE TEMPORARY TABLE contacts ("
        "phone_encrypted core.encrypted_value, phone_hash core.keyed_hash)"
    )
    (script,) = blocks(GUIDE, "python")
    known: dict[str, object] = {"conn": db}
    exec(script, known)
    ((encrypted,),) = known["found"]  # type: ignore[misc]
    assert encrypted == known["encrypted"]


def test_the_sql_of_the_guide_runs(db: psycopg.Connection, tmp_path: Path) -> None:
    (script,) = blocks(GUIDE, "sql")
    encrypt, decrypt, hash_of = (
        re.sub(r"\$\d", "%s", line) for line in script.splitlines() if line
    )
    file = tmp_path / "keys"
    create_file(file)
    key, hash_key = read_keys(file)
    ring = Keyring.load(file)
    made = value(db, hash_of.split("--")[0], ["A1", "document", hash_key.kid, hash_key.secret])
    assert made == ring.hash("a-1", "document")
    if not value(db, "SELECT count(*) FROM pg_available_extensions WHERE name = 'pgcrypto'"):
        pytest.skip("this server does not have the extension pgcrypto")
    db.execute("CREATE EXTENSION pgcrypto")
    made = value(db, encrypt.split("--")[0], ["x", key.kid, key.secret])
    assert ring.decrypt(made) == "x"
    assert value(db, decrypt.split("--")[0], [made, key.secret]) == "x"


def test_the_guide_has_every_kind_with_forms_that_are_the_same() -> None:
    text = (ROOT / GUIDE).read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", text, re.MULTILINE)
    kinds = {kind: (same, normal) for kind, same, normal in rows if kind in KINDS}
    assert set(kinds) == set(KINDS)
    for kind, (same, normal) in kinds.items():
        (form,) = re.findall(r"`(.*?)`", normal)
        assert normalise(form, kind, "KE") == form
        for written in re.findall(r"`(.*?)`", same):
            assert normalise(written, kind, "KE") == form


def test_the_guide_shows_every_action_of_the_command() -> None:
    named = re.findall(r"^    pgerp encryption (\w+)", (ROOT / GUIDE).read_text(), re.MULTILINE)
    assert set(named) == set(ACTIONS)
