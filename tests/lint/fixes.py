"""What `--fix` mends: the case of keywords, comments that are wider than the page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from pglast import ast

from .rules_keywords import all_wrong_cases
from .rules_text import MAX_COLUMNS
from .source import SqlFile

# A line comment that tools read: `-- depends: …`, `-- noqa: …`, `-- squawk-ignore …`.
DIRECTIVE = re.compile(r"\s*--\s*(\w+:|squawk-)")


def mended(file: SqlFile) -> str:
    """Return the file's text with everything mended that can be."""
    edits = [(at, at + len(one.word), one.right) for at, one in all_wrong_cases(file)]
    edits += wrapped_comment_statements(file)
    text = file.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return "\n".join(line for old in text.split("\n") for line in wrapped_line(old))


def wrapped_comment_statements(file: SqlFile) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text) for COMMENT literals of one long line: split into adjacent ones."""
    for raw in file.statements:
        if not isinstance(raw.stmt, ast.CommentStmt) or not raw.stmt.comment:
            continue
        start = raw.stmt_location
        end = start + raw.stmt_len
        lines = file.text[start:end].split("\n")
        literal = file.text.find("'", start)
        if max(map(len, lines)) < MAX_COLUMNS or "\n" in file.text[literal:end]:
            continue
        before = len(file.text[start:literal].rstrip()) + start
        parts = textwrap.wrap(
            file.text[literal + 1 : end - 1],
            MAX_COLUMNS - 4,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield before, end, "\n" + " '\n".join(f"'{part}" for part in parts) + "'"


def wrapped_line(line: str) -> list[str]:
    """Return a long `--` comment as several lines; any other line as it is."""
    stripped = line.lstrip()
    if len(line) <= MAX_COLUMNS or not stripped.startswith("-- ") or DIRECTIVE.match(line):
        return [line]
    indent = line[: len(line) - len(stripped)]
    return textwrap.wrap(
        stripped[3:],
        MAX_COLUMNS,
        initial_indent=f"{indent}-- ",
        subsequent_indent=f"{indent}-- ",
        break_long_words=False,
        break_on_hyphens=False,
    )
