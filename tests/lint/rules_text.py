"""What any editor shows: blanks, tabs, line ends, lengths, names of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .source import Finding, SqlFile, rule

MAX_COLUMNS = 100
MAX_LINES = 300
LONG_LINES_ALLOWED = re.compile(r"-- (depends|requires):")
MIGRATION_NAME = re.compile(r"\d{8}_\d{4}_[a-z0-9]+(?:_[a-z0-9]+)+")


@rule("tab")
def tab(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Indentation is four spaces."""
    for number, line in enumerate(file.text.split("\n"), 1):
        if "\t" in line:
            yield number, "tab character: indent by 4 spaces"


@rule("trailing-blank")
def trailing_blank(file: SqlFile) -> Iterator[tuple[int, str]]:
    """No line ends in blanks."""
    for number, line in enumerate(file.text.split("\n"), 1):
        if line.rstrip("\r") != line.rstrip():
            yield number, "blanks at the end of the line"


@rule("line-end")
def line_end(file: SqlFile) -> Iterator[tuple[int, str]]:
    """UTF-8 without a byte order mark, lines that end in LF, one newline at the end."""
    if file.text.startswith("\ufeff"):
        yield 1, "byte order mark: save the file as plain UTF-8"
    if "\r" in file.text:
        yield file.line_at(file.text.index("\r")), "carriage return: lines end in LF"
    if file.text and (not file.text.endswith("\n") or file.text.endswith("\n\n")):
        yield file.text.count("\n") + 1, "the file ends in exactly one newline"


@rule("line-length")
def line_length(file: SqlFile) -> Iterator[tuple[int, str]]:
    """At most 100 columns; a header's list of files stays on its line."""
    for number, line in enumerate(file.text.split("\n"), 1):
        if len(line) > MAX_COLUMNS and not LONG_LINES_ALLOWED.match(line):
            yield number, f"{len(line)} columns, at most {MAX_COLUMNS}"


def file_length(root: Path, path: Path) -> Iterator[Finding]:
    """Yield an offence for a file of more than 300 lines; seeds are data and exempt."""
    lines = (root / path).read_text(encoding="utf-8").count("\n")
    if lines > MAX_LINES and path.parts[0] != "seeds":
        message = f"{lines} lines, at most {MAX_LINES}: split it by what it holds"
        yield Finding(path, MAX_LINES + 1, "file-length", message)


@rule("migration-name", frozenset({"migration"}))
def migration_name(file: SqlFile) -> Iterator[tuple[int, str]]:
    """YYYYMMDD_HHMM_<module>_<what>.sql in migrations/<module>/ (links: any module's name)."""
    module = file.path.parent.name
    if not MIGRATION_NAME.fullmatch(file.path.stem):
        yield 1, f"the file's name is YYYYMMDD_HHMM_{module}_<what>.sql"
    elif not file.path.stem[14:].startswith(f"{module}_"):
        yield 1, f"a file of migrations/{module}/ is named YYYYMMDD_HHMM_{module}_<what>.sql"


@rule("rollback", frozenset({"migration"}))
def rollback(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every migration can be taken back."""
    name = f"{file.path.stem}.rollback.sql"
    if not (file.root / file.path.with_name(name)).is_file():
        yield 1, f"no {name} beside it"


@rule("rollback", frozenset({"rollback"}))
def orphan_rollback(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every rollback file belongs to a migration."""
    name = file.path.name.removesuffix(".rollback.sql") + ".sql"
    if not (file.root / file.path.with_name(name)).is_file():
        yield 1, f"no {name} beside it"
