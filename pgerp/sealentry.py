"""What is sealed of an entry, and the bytes of it."""

from __future__ import annotations

from collections.abc import Sequence

from pgerp.sealcode import Fields, encode

ENTRY_TAG = "pgerp-entry-1"

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


def plain_number(text: str | None) -> str | None:
    """Return a number without trailing zeros after the decimal point."""
    return text.rstrip("0").rstrip(".") if text is not None and "." in text else text


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
