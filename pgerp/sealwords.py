"""Telling people which entry it is, and in what it differs from what was sealed."""

from __future__ import annotations

from collections.abc import Mapping

from pgerp.sealcode import Fields, decode
from pgerp.sealentry import LABELS, LINE


def describe(content: str | None) -> str:
    """Name an entry by what was sealed of it: its number, date and description."""
    fields = decode(content) if content is not None else None
    if fields is None or len(fields) <= len(LABELS):
        return ""
    named = dict(zip(LABELS, fields[1:], strict=False))
    return name_entry(named)


def name_entry(columns: Mapping[str, str | None]) -> str:
    """Return "(number 17, 2026-03-04, 'Rent')" of an entry's columns."""
    text = columns["description"] or ""
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return f"(number {columns['entry_number']}, {columns['entry_date']}, {short!r})"


def differences(sealed: str, found: str) -> list[str]:
    """Say in what an entry differs from what was sealed, column by column and line by line.

    Args:
        sealed: Its content when it was sealed.
        found: Its content now.
    """
    before, after = decode(sealed), decode(found)
    size = len(LABELS) + 1
    if before is None or after is None or min(len(before), len(after)) < size:
        return ["all of it"]
    parts = [
        f"{label} {_change(old, new)}"
        for label, old, new in zip(LABELS, before[1:], after[1:], strict=False)
        if old != new and label != "number of lines"
    ]
    old_lines, new_lines = _lines(before[size:]), _lines(after[size:])
    if (
        old_lines != new_lines
        and old_lines.keys() == new_lines.keys()
        and sorted(map(repr, old_lines.values())) == sorted(map(repr, new_lines.values()))
    ):
        moved = [number for number in old_lines if old_lines[number] != new_lines[number]]
        return [*parts, f"lines {', '.join(map(str, moved))} are in another order"]
    for number in sorted({*old_lines, *new_lines}, key=_by_number):
        if number not in new_lines:
            parts.append(f"line {number} was deleted")
        elif number not in old_lines:
            parts.append(f"line {number} was inserted")
        else:
            parts.extend(
                f"line {number} {label} {_change(old, new)}"
                for label, old, new in zip(
                    LINE[1:], old_lines[number], new_lines[number], strict=False
                )
                if old != new
            )
    return parts or ["all of it"]


def _lines(fields: Fields) -> dict[str | None, Fields]:
    """Return line number -> the other fields of the line."""
    width = len(LINE)
    starts = range(0, len(fields), width)
    return {fields[at]: list(fields[at + 1 : at + width]) for at in starts}


def _by_number(text: str | None) -> tuple[int, str]:
    return (int(text), "") if text is not None and text.isdigit() else (0, text or "")


def _change(old: str | None, new: str | None) -> str:
    return f"(sealed {_shown(old)}, found {_shown(new)})"


def _shown(value: str | None) -> str:
    if value is None:
        return "NULL"
    return value if len(value) <= 80 else f"{value[:79]}…"
