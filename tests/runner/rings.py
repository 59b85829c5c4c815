"""Key rings: before a rotation, with its next keys, after it, and with the old keys retired."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

from pgerp.encryption import Keyring
from pgerp.keyfile import ENCRYPTION, HASH, Key
from tests.runner.fernet_vectors import SECRET

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ONE = Key("e-one", ENCRYPTION, "active", NOW, bytes(range(32)))
H_ONE = Key("h-one", HASH, "active", NOW, bytes(range(32, 64)))
TWO = Key("e-two", ENCRYPTION, "next", NOW, bytes(range(64, 96)))
H_TWO = Key("h-two", HASH, "next", NOW, bytes(range(96, 128)))
VECTOR = Key("vector", ENCRYPTION, "active", NOW, base64.urlsafe_b64decode(SECRET))

BEFORE = Keyring([ONE, H_ONE], country="KE")
DURING = Keyring([TWO, H_TWO, ONE, H_ONE], country="KE")
AFTER = Keyring(
    [
        replace(TWO, state="active"),
        replace(H_TWO, state="active"),
        replace(ONE, state="old"),
        replace(H_ONE, state="old"),
    ],
    country="KE",
)
RETIRED = Keyring([replace(TWO, state="active"), replace(H_TWO, state="active")], country="KE")
