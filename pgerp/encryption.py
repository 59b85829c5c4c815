"""Sensitive values: encrypted before they are written, and found by a keyed hash.

For applications. A sensitive field x of a table is two columns, `x_encrypted`
(core.encrypted_value) and `x_hash` (core.keyed_hash):

    keyring = Keyring.load("encryption.jwks", country="KE")
    encrypted, hashed = keyring.protect("0712 345678", "phone")
    text = keyring.decrypt(encrypted)
    wanted = keyring.hashes("+254712345678", "phone")  # WHERE phone_hash = ANY (%s)

Neither keys nor values are in any message or repr. docs/encryption.md is the guide.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pgerp.errors import PgerpError
from pgerp.keyfile import ENCRYPTION, HASH, KEY_ID, Key, check_keys, parse_keys, read_keys
from pgerp.normalise import normalise

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

__all__ = ["DamagedValue", "Keyring", "NotProtected", "UnknownKey"]

LONGEST = 8192
"""Characters of a core.encrypted_value, its key id included."""

KEYS_VARIABLE = "PGERP_ENCRYPTION_KEYS"
FILE_VARIABLE = "PGERP_ENCRYPTION_KEYS_FILE"

# As the domains core.encrypted_value and core.keyed_hash have it.
_ENCRYPTED = re.compile(rf"({KEY_ID}):(gAAAAA[A-Za-z0-9_-]{{92,}}={{0,2}})", re.ASCII)
_HASHED = re.compile(rf"({KEY_ID}):([0-9a-f]{{64}})", re.ASCII)


class NotProtected(PgerpError):
    """The text is no encrypted value, and no keyed hash where one is expected."""


class UnknownKey(PgerpError):
    """The value is of a key that is not in the key ring."""


class DamagedValue(PgerpError):
    """The value was changed, cut off, or made with another key of the same id."""


class Keyring:
    """The keys of an application, and what is done with them. Threads may share one.

    Args:
        keys: What `load`, `parse` or `from_environment` read.
        country: Whose phone numbers may lack their country code: ISO 3166, as KE.

    Raises:
        PgerpError: There are not one active encryption key and one active hash key, or two keys
            have the same id or the same secret.
    """

    def __init__(self, keys: Iterable[Key], *, country: str | None = None) -> None:
        self._keys = {key.kid: key for key in check_keys(list(keys))}
        self._country = country
        self._encryption_key = next(k for k in self._of(ENCRYPTION) if k.state == "active")
        self._hash_keys = sorted(self._of(HASH), key=lambda key: key.state != "active")
        self._fernets: dict[str, Fernet] = {}

    def __repr__(self) -> str:
        return f"Keyring({', '.join(f'{key.kid}: {key.state}' for key in self._keys.values())})"

    def __reduce__(self) -> str:
        raise TypeError("a key ring is not pickled: that would copy its keys")

    @classmethod
    def load(cls, path: str | Path, *, country: str | None = None) -> Keyring:
        """Read a file of `pgerp encryption`: a JSON Web Key Set that only its owner can read.

        Raises:
            PgerpError: The file is missing, open to others (mode 0600 is wanted), or broken.
        """
        return cls(read_keys(Path(path)), country=country)

    @classmethod
    def parse(cls, text: str, *, country: str | None = None) -> Keyring:
        """Read the content of such a file, as a secret store hands it out.

        Raises:
            PgerpError: It is broken.
        """
        return cls(parse_keys(text, "the key set"), country=country)

    @classmethod
    def from_environment(cls, *, country: str | None = None) -> Keyring:
        """Read the key set in PGERP_ENCRYPTION_KEYS, or the file PGERP_ENCRYPTION_KEYS_FILE names.

        Raises:
            PgerpError: Neither is set, or both are, or what is read is broken.
        """
        text, path = os.environ.get(KEYS_VARIABLE), os.environ.get(FILE_VARIABLE)
        if bool(text) == bool(path):
            raise PgerpError(
                "both are set" if text else "no encryption keys are set",
                where=f"{KEYS_VARIABLE} and {FILE_VARIABLE}",
                hint=f"Set {KEYS_VARIABLE} to the JSON Web Key Set, or {FILE_VARIABLE} to the path"
                " of a file that has it.",
            )
        return cls.parse(text, country=country) if text else cls.load(path or "", country=country)

    def encrypt(self, text: str) -> str:
        """Return the text as a core.encrypted_value under the active key; never twice the same.

        Args:
            text: Anything but the character NUL, up to about 6000 bytes as UTF-8.

        Raises:
            PgerpError: It is too long, or no text that PostgreSQL could hold.
        """
        try:
            plain = _checked(text).encode()
        except UnicodeEncodeError:
            plain = b"\0"
        if b"\0" in plain:
            raise PgerpError(
                "the text has a character that PostgreSQL cannot hold",
                detail="NUL and halves of surrogate pairs are none.",
            )
        key = self._encryption_key
        value = f"{key.kid}:{self._fernet(key).encrypt(plain).decode()}"
        if len(value) > LONGEST:
            raise PgerpError(
                "the text is too long to be a sensitive field",
                detail=f"It has {len(plain)} bytes; encrypted it would have {len(value)}"
                f" characters of at most {LONGEST}.",
            )
        return value

    def decrypt(self, value: str) -> str:
        """Return the text in a core.encrypted_value of any key in the ring.

        Raises:
            NotProtected: It is no encrypted value.
            UnknownKey: Its key is not in the ring.
            DamagedValue: It was tampered with, or the key is another of the same id.
        """
        from cryptography.fernet import InvalidToken

        key, token = self._taken_apart(value, _ENCRYPTED, ENCRYPTION)
        try:
            return self._fernet(key).decrypt(token.encode()).decode()
        except (InvalidToken, UnicodeDecodeError):
            raise DamagedValue(
                "the encrypted value is not what was written",
                where=key.kid,
                detail="It was changed or cut off, or made with another key of this id.",
            ) from None

    def hash(self, text: str, kind: str) -> str:
        """Return the core.keyed_hash of a value under the active key.

        Args:
            text: The value; it is normalised first (`pgerp.normalise`).
            kind: phone, document, iban, bank_account, mpesa_receipt, email or text. Equal texts of
                different kinds have different hashes.

        Raises:
            NotOfThisKind: The text cannot be a value of this kind.
        """
        return self.hashes(text, kind)[0]

    def hashes(self, text: str, kind: str) -> list[str]:
        """Return its hashes under all keys in the ring, the active one's first.

        Search with all of them, `x_hash = ANY (…)`: while keys are rotated, rows have either.

        Raises:
            NotOfThisKind: The text cannot be a value of this kind.
        """
        message = f"{kind}\0{normalise(_checked(text), kind, self._country)}".encode()
        return [
            f"{key.kid}:{hmac.digest(key.secret, message, 'sha256').hex()}"
            for key in self._hash_keys
        ]

    def protect(self, text: str, kind: str) -> tuple[str, str]:
        """Return what x_encrypted and x_hash are to hold; see `encrypt` and `hash`."""
        return self.encrypt(text), self.hash(text, kind)

    def matches(self, text: str, kind: str, hashed: str) -> bool:
        """Tell whether a core.keyed_hash of any key in the ring is that of a value.

        Raises:
            NotProtected, UnknownKey: It is no keyed hash, or its key is not in the ring.
            NotOfThisKind: The text cannot be a value of this kind.
        """
        self._taken_apart(hashed, _HASHED, HASH)
        return any(hmac.compare_digest(one, hashed) for one in self.hashes(text, kind))

    def needs_rotation(self, value: str) -> bool:
        """Tell whether an encrypted value or keyed hash is of another key than the active one.

        Raises:
            NotProtected, UnknownKey: It is neither, or its key is not in the ring.
        """
        if _HASHED.fullmatch(value):
            return self._taken_apart(value, _HASHED, HASH)[0].state != "active"
        return self._taken_apart(value, _ENCRYPTED, ENCRYPTION)[0].state != "active"

    def rotate(self, value: str) -> str:
        """Return the same text encrypted under the active key; a value that is stays as it is.

        Raises:
            NotProtected, UnknownKey, DamagedValue: As `decrypt`.
        """
        return self.encrypt(self.decrypt(value)) if self.needs_rotation(value) else value

    def _of(self, purpose: str) -> list[Key]:
        return [key for key in self._keys.values() if key.purpose == purpose]

    def _fernet(self, key: Key) -> Fernet:
        from cryptography.fernet import Fernet

        if key.kid not in self._fernets:
            self._fernets[key.kid] = Fernet(base64.urlsafe_b64encode(key.secret))
        return self._fernets[key.kid]

    def _taken_apart(self, value: str, form: re.Pattern[str], purpose: str) -> tuple[Key, str]:
        match = form.fullmatch(_checked(value))
        # What has not the form may be the value itself, so that nothing of it is shown.
        if match is None or len(value) > LONGEST:
            raise NotProtected(
                "the text is no encrypted value"
                if purpose == ENCRYPTION
                else "the text is no keyed hash",
                detail="It is not of the form that the columns' types take.",
            )
        key = self._keys.get(match[1])
        if key is None or key.purpose != purpose:
            raise UnknownKey(
                f"the value is of {purpose} key {match[1]}, which the key ring does not have",
                hint="Load the present key file; a retired key is in the file beside it, .retired.",
            )
        return key, match[2]


def _checked(text: str) -> str:
    if not isinstance(text, str):
        # Its repr would show what it is.
        raise TypeError(f"a str is wanted, not {type(text).__name__}")
    return text
