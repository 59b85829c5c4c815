"""What the check of a journal file finds, kept on disk so that memory stays bounded."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pgerp.errors import PgerpError

_FLUSH = 5000

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE problems (line INTEGER NOT NULL, number TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE bad (line INTEGER PRIMARY KEY);
"""


class Problem(NamedTuple):
    """One reason why a line cannot be imported.

    Attributes:
        line: Physical line in the file, from 1.
        number: The entry number as the file has it.
        reason: What is wrong, lower case, no period.
    """

    line: int
    number: str
    reason: str


class Scratch:
    """Entry numbers seen, problems found and entries to leave out, in a private temporary file.

    SQLite keeps a few MB in memory and the rest in an unnamed file that is gone when it is closed.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self._numbers: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def saw(self, number: str, line: int) -> None:
        """Note that an entry begins; one that reappears becomes a problem of both places.

        Args:
            number: The entry number.
            line: The physical line on which this run of its records begins.
        """
        self._numbers.append((number, line))
        if len(self._numbers) >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Find the entry numbers that appear in two places among those noted so far."""
        before = self._db.total_changes
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", self._numbers)
        if self._db.total_changes - before < len(self._numbers):
            for number, line in self._numbers:
                found = self._db.execute("SELECT line FROM seen WHERE number = ?", (number,))
                (first,) = found.fetchone()
                if first != line:
                    self._reappears(number, first, line)
        self._numbers.clear()

    def _reappears(self, number: str, first: int, line: int) -> None:
        reason = f"entry {number} began on line {first}; the lines of an entry must be adjacent"
        self.leave_out(first)
        self.leave_out(line)
        self.add(Problem(line, number, reason))

    def add(self, problem: Problem) -> None:
        """Keep a problem."""
        self._db.execute("INSERT INTO problems VALUES (?, ?, ?)", problem)

    def leave_out(self, line: int) -> None:
        """Mark the entry that begins on this line as one not to import."""
        self._db.execute("INSERT OR IGNORE INTO bad VALUES (?)", (line,))

    def problem_count(self) -> int:
        """Return how many problems were kept."""
        return int(self._db.execute("SELECT count(*) FROM problems").fetchone()[0])

    def left_out_count(self) -> int:
        """Return how many entries (runs of adjacent lines) are marked as not to import."""
        return int(self._db.execute("SELECT count(*) FROM bad").fetchone()[0])

    def problems(self, limit: int = -1) -> Iterator[Problem]:
        """Yield the problems by line, at most `limit` of them (-1 = all)."""
        for row in self._db.execute(
            "SELECT line, number, reason FROM problems ORDER BY line, rowid LIMIT ?", (limit,)
        ):
            yield Problem(*row)

    def left_out(self) -> Iterator[int]:
        """Yield the first lines of the entries not to import, ascending."""
        for (line,) in self._db.execute("SELECT line FROM bad ORDER BY line"):
            yield line


def write_problems(scratch: Scratch, path: Path) -> None:
    """Write every problem as CSV; PgerpError if the file cannot be written."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("line", "entry", "reason"))
            writer.writerows(scratch.problems())
    except OSError as error:
        raise PgerpError(
            f"cannot write the list of problems: {error.strerror}",
            where=str(path),
            hint="Give --errors-to a file that can be written.",
        ) from error
