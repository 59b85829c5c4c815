"""Reading the three CSV files of a portfolio: records with their physical lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgerp.errors import PgerpError

CUSTOMERS, LOANS, PAYMENTS = "customers.csv", "loans.csv", "payments.csv"


@dataclass(frozen=True)
class Columns:
    """The columns of a file.

    Attributes:
        required: These have a value in every record.
        optional: These may be empty, or missing as a whole.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]


BALANCES = ("principal", "interest", "fees", "penalties")
"""What may be owed of a loan: the columns `old_principal` and so on say what the old system has."""

FILES = {
    CUSTOMERS: Columns(
        ("customer_no",),
        (
            *("given_name", "family_name", "organisation_name", "display_name", "kind", "email"),
            *("birth_date", "locale", "phone", "phone_encrypted", "phone_hash"),
        ),
    ),
    LOANS: Columns(
        (
            *("loan_no", "customer_no", "product", "principal", "rate", "instalments"),
            *("disbursed_on", "officer", "approved_by"),
        ),
        (
            *("applied_on", "approved_on", "first_due_on", "method", "reference"),
            *("fees_withheld", "branch", "purpose", *(f"old_{kind}" for kind in BALANCES)),
        ),
    ),
    PAYMENTS: Columns(
        ("loan_no", "payment_no", "paid_on", "amount", "method"), ("reference", "prepayment")
    ),
}


@dataclass(frozen=True)
class Problem:
    """Something wrong with a line.

    Attributes:
        file: Which of FILES.
        line: Physical line, from 1.
        reason: What is wrong, lower case, no period.
    """

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Record:
    """A line of a file.

    Attributes:
        file: Which of FILES.
        line: Physical line on which it begins, from 1.
        values: What is not empty, by column.
    """

    file: str
    line: int
    values: dict[str, str]

    def problem(self, reason: str) -> Problem:
        """Return what is wrong with it."""
        return Problem(self.file, self.line, reason)

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def get(self, column: str) -> str | None:
        """Return the value of a column, None where it is empty or missing."""
        return self.values.get(column)


def read_file(folder: Path, name: str) -> tuple[list[Record], list[Problem]]:
    """Read one of the files: UTF-8 with or without a byte order mark, LF or CRLF.

    Args:
        folder: Where it is.
        name: Which of FILES.

    Returns:
        The records that have all fields they need, and what is wrong with the others.

    Raises:
        PgerpError: It cannot be read, its header is wrong, or it stops being UTF-8 or CSV.
    """
    path = folder / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(_rows(csv.reader(text, strict=True), path))
    except OSError as error:
        raise PgerpError(
            f"cannot read the file: {error.strerror}",
            where=str(path),
            hint=f"The folder has {', '.join(FILES)}; one with nothing to import has its header.",
        ) from error
    except UnicodeDecodeError as error:
        raise PgerpError(
            "the file is not UTF-8",
            where=str(path),
            hint="Save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8.",
        ) from error
    line, names = rows[0] if rows else (1, [])
    header = [column.strip() for column in names]
    _check_header(header, FILES[name], f"{path}:{line}")
    records, problems = [], []
    for line, fields in rows[1:]:
        if len(fields) != len(header):
            reason = f"{len(fields)} fields where the header has {len(header)}"
            problems.append(Problem(name, line, reason))
            continue
        given = {column: text for column, text in zip(header, fields, strict=True) if text}
        record = Record(name, line, given)
        missing = [column for column in FILES[name].required if column not in given]
        blank = [c for c, text in given.items() if text != text.strip() or "\0" in text]
        if missing:
            problems.append(record.problem(f"no {', '.join(missing)}"))
        elif blank:
            problems.append(record.problem(f"{', '.join(blank)} has blanks at its ends or NUL"))
        else:
            records.append(record)
    return records, problems


def _rows(reader: Iterator[list[str]], path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (physical line on which it begins, fields) of each record that is not blank."""
    last = 0
    try:
        for fields in reader:
            if fields:
                yield last + 1, fields
            last = reader.line_num  # type: ignore[attr-defined]
    except csv.Error as error:
        raise PgerpError(
            f"the file is not CSV from here on: {error}",
            where=f"{path}:{last + 1}",
            hint="Look for a double quote that is not closed or not doubled.",
        ) from error


def _check_header(header: list[str], columns: Columns, where: str) -> None:
    known = (*columns.required, *columns.optional)
    faults = [
        f"{what} {', '.join(repr(name) for name in names)}"
        for what, names in (
            ("missing column", [name for name in columns.required if name not in header]),
            ("unknown column", [name for name in header if name not in known]),
            ("repeated column", sorted({name for name in header if header.count(name) > 1})),
        )
        if names
    ]
    if faults:
        raise PgerpError(
            f"the header is wrong: {'; '.join(faults)}",
            where=where,
            hint=f"It names {','.join(columns.required)} and, if wanted,"
            f" {','.join(columns.optional)}, in any order.",
        )
