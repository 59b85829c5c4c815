"""The file of the keys that encrypt and hash sensitive values: a JSON Web Key Set (RFC 7517).

Each key has, beside `kty`, `kid` and `k`, the members `purpose` (encryption or hash), `state` and
`created`. States: `next` decrypts and is searched for, but nothing is made with it yet; `active`,
one for each purpose; `old` goes on to decrypt and to be searched for.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pgerp.errors import PgerpError
from pgerp.secretfile import private_file, read_private, write_through

ENCRYPTION, HASH = "encryption", "hash"
PURPOSES = (ENCRYPTION, HASH)
STATES = ("next", "active", "old")
KEY_ID = r"[a-z0-9][a-z0-9_-]{0,62}"
KEY_BYTES = 32


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        kid: Its id, which stands before each value that it made.
        purpose: ENCRYPTION or HASH; no key has both.
        state: next, active or old.
        created: When it was made.
        secret: 32 bytes; in no repr.
    """

    kid: str
    purpose: str
    state: str
    created: datetime
    secret: bytes = field(repr=False)


def new_key(purpose: str, state: str) -> Key:
    """Return a random key."""
    now = datetime.now(UTC).replace(microsecond=0)
    kid = f"{now:%Y-%m-%d}-{secrets.token_hex(4)}"
    return Key(kid, purpose, state, now, secrets.token_bytes(KEY_BYTES))


def check_keys(keys: list[Key]) -> list[Key]:
    """Return the keys, if they are a set that one can work with.

    Raises:
        PgerpError: Not one active key for each purpose, or an id or a secret twice.
    """
    for purpose in PURPOSES:
        active = [k.kid for k in keys if k.purpose == purpose and k.state == "active"]
        if len(active) != 1:
            raise PgerpError(
                f"there must be one active {purpose} key",
                detail=f"There are {len(active)}: {', '.join(active)}." if active else None,
            )
    for what, values in (("id", [k.kid for k in keys]), ("secret", [k.secret for k in keys])):
        if max(Counter(values).values()) > 1:
            raise PgerpError(
                f"two keys have the same {what}",
                hint="Each key must be random: pgerp encryption new, rotate.",
            )
    return keys


def parse_keys(text: str, where: str) -> list[Key]:
    """Read a JSON Web Key Set.

    Args:
        text: The JSON.
        where: What it was read from, for messages.

    Raises:
        PgerpError: It is not one, or a key of it lacks something; no message quotes it.
    """
    try:
        listed = json.loads(text)["keys"]
        if not isinstance(listed, list):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise PgerpError(
            "this is no JSON Web Key Set",
            where=where,
            hint='It is a JSON object with a list "keys"; pgerp encryption new makes one.',
        ) from None
    return [_key(item, number, where) for number, item in enumerate(listed, 1)]


def _key(item: Any, number: int, where: str) -> Key:
    try:
        text = item["k"]
        secret = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        created = datetime.fromisoformat(item["created"])
        key = Key(item["kid"], item["purpose"], item["state"], created, secret)
        right = (
            item["kty"] == "oct"
            and re.fullmatch(KEY_ID, key.kid, re.ASCII) is not None
            and key.purpose in PURPOSES
            and key.state in STATES
            and created.tzinfo is not None
            and len(secret) == KEY_BYTES
        )
    except (TypeError, KeyError, ValueError, binascii.Error, AttributeError):
        right = False
    if not right:
        raise PgerpError(
            f"key {number} of the set cannot be used",
            where=where,
            detail='It needs kty "oct", a kid of small letters, digits, _ and -, purpose'
            " (encryption or hash), state (next, active or old), created (a time with its zone)"
            f" and k ({KEY_BYTES} bytes, base64url).",
        ) from None
    return key


def read_keys(path: Path) -> list[Key]:
    """Read a key file.

    Raises:
        PgerpError: It cannot be read, others than its owner can, or it is broken.
    """
    content = read_private(
        path,
        "key file",
        missing="pgerp encryption new --keys FILE makes one.",
        exposed="rotate the keys",
    )
    return parse_keys(content, str(path))


def create_file(path: Path) -> list[Key]:
    """Make a key file with an active key for each purpose; return them.

    Raises:
        PgerpError: The file is there already, or cannot be made.
    """
    keys = [new_key(purpose, "active") for purpose in PURPOSES]
    _write_new(path, keys)
    return keys


def add_next(path: Path, purposes: Sequence[str]) -> list[Key]:
    """Add keys that are to be active next; return them.

    Raises:
        PgerpError: There is such a key already, or see `read_keys`.
    """
    made = [new_key(purpose, "next") for purpose in purposes]

    def change(keys: list[Key]) -> list[Key]:
        waiting = [k.kid for k in keys if k.state == "next" and k.purpose in purposes]
        if waiting:
            raise PgerpError(
                "there is a next key already",
                where=", ".join(waiting),
                hint="Give the file to every application, then: pgerp encryption activate.",
            )
        return check_keys(made + keys)

    _rewrite(path, change)
    return made


def activate_next(path: Path) -> list[Key]:
    """Make the next keys active, and those that are active old; return the active ones.

    Raises:
        PgerpError: There is no next key, or see `read_keys`.
    """

    def change(keys: list[Key]) -> list[Key]:
        purposes = {key.purpose for key in keys if key.state == "next"}
        if not purposes:
            raise PgerpError(
                "there is no next key", where=str(path), hint="Make one: pgerp encryption rotate."
            )
        after = {"next": "active", "active": "old", "old": "old"}
        return check_keys(
            [
                replace(key, state=after[key.state]) if key.purpose in purposes else key
                for key in keys
            ]
        )

    return [key for key in _rewrite(path, change) if key.state == "active"]


def retire_key(path: Path, kid: str) -> Path:
    """Take a key out of the file, into the one beside it, .retired, whose path is returned.

    Raises:
        PgerpError: No such key, or it is active, or see `read_keys`.
    """
    archive = path.with_name(f"{path.name}.retired")

    def change(keys: list[Key]) -> list[Key]:
        leaving = next((key for key in check_keys(keys) if key.kid == kid), None)
        if leaving is None or leaving.state == "active":
            raise PgerpError(
                "this key is active" if leaving else "there is no such key",
                where=kid,
                detail=f"Keys: {', '.join(key.kid for key in keys)}.",
                hint="Make the next one first: pgerp encryption rotate." if leaving else None,
            )
        # There before it is gone here: stopped in between, the same command goes on.
        if not archive.exists():
            _write_new(archive, [leaving])
        elif kid not in {key.kid for key in read_keys(archive)}:
            _rewrite(archive, lambda retired: [*retired, leaving])
        return [key for key in keys if key.kid != kid]

    _rewrite(path, change)
    return archive


def _rewrite(path: Path, change: Callable[[list[Key]], list[Key]]) -> list[Key]:
    """Replace the file by what `change` makes of its keys, all or nothing, one at a time."""
    path = path.resolve()
    new = path.with_name(f"{path.name}.new")
    hint = "Another command changes the keys; if none does, it was cut off: remove the file."
    with private_file(new, hint) as stream:
        keys = change(read_keys(path))
        if os.geteuid() == 0:
            owner = path.stat()
            os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
        write_through(stream, _json(keys))
        os.replace(new, path)
    return keys


def _write_new(path: Path, keys: list[Key]) -> None:
    with private_file(path) as stream:
        write_through(stream, _json(keys))


def _json(keys: list[Key]) -> str:
    members = [
        {
            "kty": "oct",
            "kid": key.kid,
            "purpose": key.purpose,
            "state": key.state,
            "created": key.created.isoformat(),
            "k": base64.urlsafe_b64encode(key.secret).rstrip(b"=").decode(),
        }
        for key in keys
    ]
    return json.dumps({"keys": members}, indent=2) + "\n"
