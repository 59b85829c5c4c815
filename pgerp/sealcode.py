"""The bytes that seals hash, whatever they seal: a second hand beside the SQL that makes them.

docs/ledger-seals.md defines them. Nothing here asks the server to encode or to hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

NO_HASH = bytes(32)
"""What the first seal of a chain names as the hash of the one before."""

Fields = Sequence[str | None]


def encode(fields: Fields) -> str:
    """Write fields one after another: bytes of UTF-8, colon, text, comma; NULL is ":,"."""
    return "".join(
        ":,"
        if field is None
        else f"{len(field) if field.isascii() else len(field.encode('utf-8', 'surrogatepass'))}"
        f":{field},"
        for field in fields
    )


def decode(content: str) -> list[str | None] | None:
    """Take an encoding apart; None if it is not one."""
    data = content.encode("utf-8", "surrogatepass")
    fields: list[str | None] = []
    at = 0
    try:
        while at < len(data):
            colon = data.index(b":", at)
            size = data[at:colon]
            end = colon + 1 + int(size or b"0")
            if data[end : end + 1] != b"," or (size and str(int(size)).encode() != size):
                return None
            fields.append(data[colon + 1 : end].decode("utf-8") if size else None)
            at = end + 1
    except ValueError:
        return None
    return fields


def leaf_hash(content: str) -> bytes:
    """Hash the content of what is sealed as a leaf of a Merkle tree (RFC 6962)."""
    return sha256(b"\0" + content.encode("utf-8", "surrogatepass")).digest()


def instant_of(id: str) -> str:
    """Return the time in a uuid version 7, as PostgreSQL writes it."""
    try:
        at = datetime.fromtimestamp((UUID(id).int >> 80) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return "9999-12-31 23:59:59+00"
    fraction = f"{at.microsecond:06d}".rstrip("0")
    return f"{at:%Y-%m-%d %H:%M:%S}{'.' if fraction else ''}{fraction}+00"


class MerkleTree:
    """The root of a Merkle tree (RFC 6962), leaf by leaf, in logarithmic memory."""

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.size += 1
        height, node = 0, leaf
        while self._stack and self._stack[-1][0] == height:
            node = sha256(b"\1" + self._stack.pop()[1] + node).digest()
            height += 1
        self._stack.append((height, node))

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        if not self._stack:
            return sha256(b"").digest()
        *rest, (_, node) = self._stack
        for _, left in reversed(rest):
            node = sha256(b"\1" + left + node).digest()
        return node


@dataclass(frozen=True)
class Seal:
    """A row of a table of seals; times as text in UTC, open transactions joined by blanks."""

    tenant_id: int
    seal_no: int
    first_position: int
    last_position: int
    merkle_root: bytes
    previous_hash: bytes
    seal_hash: bytes
    complete_before: str | None
    open_transactions: str
    sealed_at: str
    sealed_by: str

    @property
    def leaf_count(self) -> int:
        """How many leaves it covers."""
        return self.last_position - self.first_position + 1

    def computed_hash(self, tag: str) -> bytes:
        """Return what seal_hash must be in a chain whose hashes begin with the tag."""
        fields = (
            tag,
            str(self.tenant_id),
            str(self.seal_no),
            str(self.first_position),
            str(self.last_position),
            self.merkle_root.hex(),
            self.previous_hash.hex(),
            self.complete_before,
            self.open_transactions,
            self.sealed_at,
            self.sealed_by,
        )
        return sha256(encode(fields).encode("utf-8", "surrogatepass")).digest()
