"""Reading a journal file: CSV records, grouped into entries, with physical line numbers."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TextIO

from pgerp.errors import PgerpError

COLUMNS = ("entry", "date", "description", "account", "type", "amount", "currency")
"""The columns of a journal file; the header names them in any order."""


@dataclass(slots=True)
class FileEntry:
    """The adjacent records of one entry number.

    Attributes:
        number: The text of the column `entry`.
        lines: The physical line, counted from 1, on which each record of `rows` begins.
        rows: (date, description, account, type, amount, currency) as text, one per record.
        malformed: (line, reason) of records that have too few or too many fields.
    """

    number: str
    lines: list[int] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    malformed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The physical line on which the entry begins."""
        firsts = self.lines[:1] + [line for line, _ in self.malformed[:1]]
        return min(firsts)


class JournalFile:
    """A journal file that stays open, so that it can be read twice and be seen to be the same.

    Args:
        path: A regular file: UTF-8 with or without a byte order mark, LF or CRLF.

    Raises:
        PgerpError: The file cannot be opened, cannot be read twice, or lacks a proper header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._binary: BinaryIO = path.open("rb")
        except OSError as error:
            raise PgerpError(
                f"cannot read the file: {error.strerror}",
                where=str(path),
                hint="Name a CSV file that this user may read.",
            ) from error
        if not self._binary.seekable():
            self.close()
            raise PgerpError(
                "the file cannot be read twice",
                where=str(path),
                hint="An import checks the whole file before it writes: save the data to a file.",
            )
        self._stamp = self._fingerprint()
        self.size = self._stamp[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._binary.close()

    def where(self, line: int) -> str:
        """Return `file:line` for a message."""
        return f"{self.path}:{line}"

    def position(self) -> int:
        """Return how many bytes have been read so far, for a progress bar."""
        return os.lseek(self._binary.fileno(), 0, os.SEEK_CUR)

    def _fingerprint(self) -> tuple[int, int]:
        facts = os.fstat(self._binary.fileno())
        return facts.st_size, facts.st_mtime_ns

    def check_unchanged(self) -> None:
        """Raise PgerpError if the file was written to since it was opened."""
        if self._fingerprint() != self._stamp:
            raise PgerpError(
                "the file changed while it was being imported",
                where=str(self.path),
                hint="Run the same command again once nothing writes to it; "
                "what is in the books already is not imported twice.",
            )

    def entries(self) -> Iterator[FileEntry]:
        """Yield the entries from the top, each a run of records with one entry number.

        Raises:
            PgerpError: The header is wrong, or the file stops being UTF-8 or CSV; with file:line.
        """
        self._binary.seek(0)
        # The text layer must not close the binary one under it: the file is read twice.
        with open(self._binary.fileno(), encoding="utf-8-sig", newline="", closefd=False) as text:
            yield from self._group(self._records(text))

    def _records(self, text: TextIO) -> Iterator[tuple[int, list[str]]]:
        """Yield (physical line on which it begins, fields) of each record that is not blank."""
        reader = csv.reader(text, strict=True)
        last = 0
        try:
            for record in reader:
                if record:
                    yield last + 1, record
                last = reader.line_num
        except csv.Error as error:
            raise PgerpError(
                f"the file is not CSV from here on: {error}",
                where=self.where(last + 1),
                hint="Look for a double quote that is not closed or not doubled; "
                "nothing after it can be read.",
            ) from error
        except UnicodeDecodeError as error:
            raise self._not_utf8() from error

    def _group(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[FileEntry]:
        """Group records into entries."""
        pick_entry, pick_rest, width = self._header(records)
        current: FileEntry | None = None
        for line, record in records:
            if len(record) != width:
                number = record[pick_entry] if len(record) > pick_entry else ""
                if current is None or (number and number != current.number):
                    if current is not None:
                        yield current
                    current = FileEntry(number)
                current.malformed.append(
                    (line, f"{len(record)} fields where the header has {width}")
                )
                continue
            number = record[pick_entry]
            if current is None or number != current.number:
                if current is not None:
                    yield current
                current = FileEntry(number)
            current.lines.append(line)
            current.rows.append(pick_rest(record))
        if current is not None:
            yield current

    def _header(
        self, records: Iterator[tuple[int, list[str]]]
    ) -> tuple[int, Callable[[list[str]], tuple[str, ...]], int]:
        """Read the header; return the place of `entry`, a getter of the rest, and the width."""
        line, record = next(records, (1, []))
        header = [name.strip() for name in record]
        missing = [name for name in COLUMNS if name not in header]
        extra = [name for name in header if name not in COLUMNS]
        twice = sorted({name for name in header if header.count(name) > 1})
        faults = [
            f"{what} {', '.join(repr(name) for name in names)}"
            for what, names in (
                ("missing column", missing),
                ("unknown column", extra),
                ("repeated column", twice),
            )
            if names
        ]
        if faults:
            raise PgerpError(
                f"the header is not that of a journal: {'; '.join(faults)}",
                where=self.where(line),
                hint=f"The first line names these columns, in any order: {','.join(COLUMNS)}.",
            )
        places = [header.index(name) for name in COLUMNS]
        pick_rest: Any = itemgetter(*places[1:])
        return places[0], pick_rest, len(header)

    def _not_utf8(self) -> PgerpError:
        """Find the first line that is not UTF-8 and name it."""
        number = 0
        self._binary.seek(0)
        for line in self._binary:
            number += 1
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                break
        return PgerpError(
            "the file is not UTF-8",
            where=self.where(number),
            hint="Save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8.",
        )
