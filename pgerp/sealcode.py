"""The bytes that seals hash, made anew from rows: a second hand beside the ledger's own SQL.

docs/ledger-seals.md defines them. Nothing here asks the server to encode or to hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

ENTRY_TAG = "pgerp-entry-1"
SEAL_TAG = "pgerp-seal-1"
NO_HASH = bytes(32)
"""What the first seal of a chain names as the hash of the one before."""

HEADER = (
    "tenant_id",
    "id",
    "business_id",
    "period_id",
    "period_kind",
    "entry_date",
    "entry_number",
    "description",
    "reference",
    "source_module",
    "source_id",
    "posted_at",
    "created_at",
    "created_by",
)
"""Columns of ledger.journal_entries that are sealed, in the order of the encoding."""

REVERSAL = ("entry_id", "reason")
"""Columns of ledger.reversals that are sealed with the reversing entry: what it reverses, why."""

LINE = (
    "line_no",
    "account_id",
    "business_id",
    "entry_date",
    "amount",
    "currency_code",
    "currency_amount",
    "exchange_rate",
    "description",
    "department_code",
    "counterparty",
    "due_date",
)
"""Columns of ledger.journal_lines that are sealed, in the order of the encoding."""

NUMBERS = frozenset({"amount", "currency_amount", "exchange_rate"})
"""Columns whose trailing zeros are dropped, so that a wider scale changes no hash."""

LABELS = (*HEADER, "reverses", "reason of the reversal", "number of lines")
"""What the fields before the lines are called."""

NOT_SEALED = {
    "ledger.journal_entries": {
        "status": "POSTED becomes VOIDED when the entry is reversed",
        "void_reason": "set when the entry is reversed",
        "last_modified_at": "changes with the status",
        "last_modified_by": "changes with the status",
    },
    "ledger.journal_lines": {
        "tenant_id": "the key by which lines are found: that of the entry",
        "entry_id": "the key by which lines are found: that of the entry",
    },
    "ledger.reversals": {
        "tenant_id": "that of the entry",
        "business_id": "that of the entry",
        "reversal_id": "the entry that it is sealed with",
        "created_at": "that of the reversing entry",
        "created_by": "that of the reversing entry",
        "last_modified_at": "never changes: created_at",
        "last_modified_by": "never changes: created_by",
    },
}
"""Columns that no seal covers, and why. A test refuses any column that is in no list."""

Fields = Sequence[str | None]


def plain_number(text: str | None) -> str | None:
    """Return a number without trailing zeros after the decimal point."""
    return text.rstrip("0").rstrip(".") if text is not None and "." in text else text


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


def entry_content(header: Fields, reversal: Fields, lines: Sequence[Fields]) -> str:
    """Encode an entry.

    Args:
        header: The columns HEADER, as PostgreSQL writes them with DateStyle ISO and TimeZone UTC.
        reversal: The columns REVERSAL; None each if it reverses nothing.
        lines: The columns LINE of each line, by line number.
    """
    fields: list[str | None] = [ENTRY_TAG, *header, *reversal, str(len(lines))]
    for line in lines:
        fields.extend(
            plain_number(value) if name in NUMBERS else value
            for name, value in zip(LINE, line, strict=True)
        )
    return encode(fields)


def leaf_hash(content: str) -> bytes:
    """Hash the content of an entry as a leaf of a Merkle tree (RFC 6962)."""
    return sha256(b"\0" + content.encode("utf-8", "surrogatepass")).digest()


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
    """A row of ledger.seals; times as text in UTC, open transactions joined by blanks."""

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
    def entry_count(self) -> int:
        """How many entries it covers."""
        return self.last_position - self.first_position + 1

    def computed_hash(self) -> bytes:
        """Return what seal_hash must be."""
        fields = (
            SEAL_TAG,
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
