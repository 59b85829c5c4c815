"""`pgerp encryption retire`: a key leaves the file once the database has no value of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp.encryption import Keyring, UnknownKey
from pgerp.keyfile import read_keys
from tests.runner.journals import ask
from tests.runner.people import People


@pytest.fixture
def people(clone: str, tmp_path: Path) -> People:
    return People(clone, tmp_path)


def test_a_key_is_retired_when_the_database_has_no_value_of_it(people: People) -> None:
    tenant = people.tenants[1]
    people.add(tenant, range(3))
    old = {purpose: people.kid(purpose) for purpose in ("encryption", "hash")}
    (first,) = people.rows("name = 'person 0'")
    people.rotate()
    ask(people.url, f"UPDATE identity.tenants SET is_active = false WHERE id = {tenant}")
    for kid in old.values():
        assert people.run("retire", kid).exit_code == 2
    assert len(read_keys(people.file)) == 4
    assert people.reencrypt().exit_code == 0
    for kid in old.values():
        assert people.run("retire", kid).exit_code == 0
    assert {key.state for key in read_keys(people.file)} == {"active"}
    with pytest.raises(UnknownKey):
        people.ring.decrypt(first["phone_encrypted"])
    # Backups are read with what was kept.
    archive = people.file.with_name("keys.jwks.retired")
    assert archive.stat().st_mode & 0o777 == 0o600
    kept = read_keys(archive)
    assert {key.kid for key in kept} == set(old.values())
    both = Keyring([*read_keys(people.file), *kept])
    assert both.decrypt(first["phone_encrypted"]) == "0700000000"
    assert people.run("retire", old["hash"]).exit_code == 2


def test_retiring_that_was_cut_off_between_the_files_goes_on(people: People) -> None:
    people.rotate()
    before = people.file.read_bytes()
    kid = people.kid("hash", "old")
    assert people.run("retire", kid).exit_code == 0
    people.file.write_bytes(before)
    assert people.run("retire", kid).exit_code == 0
    assert len(read_keys(people.file.with_name("keys.jwks.retired"))) == 1
