"""What is sealed of a row of the audit log, and the bytes of it.

Each value of the row, on either side, is in the content as a hash with a salt of its own, so that
what is left when one is redacted proves the others and does not tell the one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pgerp.sealcode import Fields, encode

CHANGE_TAG = "pgerp-change-1"
MARKER = '"[anonymised]"'
"""What stands, as JSON, where a value was redacted."""

HEAD = (
    "tenant_id",
    "id",
    "business_id",
    "table_name",
    "row_key",
    "action",
    "actor",
    "logged_at",
    "address",
    "application",
    "user_agent",
    "correlation_id",
    "transaction_id",
)
"""Columns of audit.log that are sealed as they are, in the order of the encoding."""

SIDES = ("old", "new")
"""The sides of a row of the log: old_row, new_row."""

Side = Mapping[str, str] | None
"""Column -> value as JSON; None: the row has no such side."""

KEY_BYTES = 32
"""The length of the salt of a value."""


@dataclass(frozen=True)
class Secrets:
    """What beside the row its content is made with.

    Attributes:
        salt: The salt of the row; None once a value was redacted.
        openings: audit.sealed_changes.openings, what was left then; JSON that is not trusted.
    """

    salt: bytes | None
    openings: Any

    def opening(self, side: str, name: str) -> tuple[str, str]:
        """Return what is left for a value: ("key" or "hash", hexadecimal); else ("", "")."""
        found: Any = self.openings
        for step in (side, name):
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, dict) and len(found) == 1:
            ((kind, text),) = found.items()
            return kind, str(text)
        return "", ""

    def hash_of(self, side: str, name: str, value: str) -> str | None:
        """Return the salted hash of a value; the one of before, where it was redacted.

        Returns:
            None where nothing is left to make it with.
        """
        if self.salt is not None:
            key = sha256(self.salt + encode((side, name)).encode()).digest()
        else:
            kind, text = self.opening(side, name)
            if kind == "hash":
                return text if value == MARKER else None
            try:
                key = bytes.fromhex(text)
            except ValueError:
                return None
            if kind != "key" or len(key) != KEY_BYTES:
                return None
        return sha256(key + value.encode("utf-8", "surrogatepass")).hexdigest()


def change_content(head: Fields, old: Side, new: Side, secrets: Secrets) -> str | None:
    """Encode a row of the log.

    Args:
        head: The columns HEAD, as PostgreSQL writes them with DateStyle ISO and TimeZone UTC.
        old: Its side before the change.
        new: Its side after it.
        secrets: What its leaf has.

    Returns:
        The content; None where `secrets` does not fit the row.
    """
    fields: list[str | None] = [CHANGE_TAG, *head]
    fields.extend(None if side is None else str(len(side)) for side in (old, new))
    for name, side in zip(SIDES, (old, new), strict=True):
        for column, value in sorted((side or {}).items(), key=lambda item: item[0].encode()):
            hashed = secrets.hash_of(name, column, value)
            if hashed is None:
                return None
            fields.extend((column, hashed))
    return encode(fields)
