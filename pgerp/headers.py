"""Headers of SQL files: `-- word: value` lines in the comment block that a file begins with.

What counts as a header, precisely: a line comment above the first SQL (block comments end the
block, as in yoyo) whose text is one word, a colon and anything but `//`. Known words are written
in lower case. Any other lower-case word is an error, and so is a near miss of a known word in
whatever case; a word with a capital (`-- Note: …`) is prose, and so is a line of several words.
Comments that belong to tools (noqa, sqlfluff, squawk-ignore, vim) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from pgerp.errors import PgerpError

_COMMENT_OR_BLANK = re.compile(r"\s*(?:--.*)?")
_HEADER = re.compile(r"\s*--\s*(?P<word>[A-Za-z][\w-]*)\s*:(?!//)(?P<value>.*)")
_TOOLS = {"noqa", "sqlfluff", "squawk-ignore", "squawk-ignore-file", "vim"}
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Header:
    """One header line.

    Attributes:
        word: The known word.
        value: What follows the colon, stripped.
        line: Its line, counted from 1.
    """

    word: str
    value: str
    line: int


def parse_headers(sql: str, where: str, known: Collection[str]) -> list[Header]:
    """Read the headers of a file.

    Args:
        sql: Normalised text.
        where: The file's name, for errors.
        known: Words that this kind of file may use, lower case.

    Returns:
        The headers in order; a word may occur more than once.

    Raises:
        PgerpError: an unknown or misspelt header, with `where:line`.
    """
    headers = []
    for line, text in enumerate(sql.split("\n"), start=1):
        if not _COMMENT_OR_BLANK.fullmatch(text):
            break
        found = _HEADER.fullmatch(text)
        if not found:
            continue
        word = found["word"]
        if word in known:
            headers.append(Header(word, found["value"].strip(), line))
        elif word.lower() not in _TOOLS:
            import difflib

            near = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=_NEAR)
            if near or word.islower():
                raise _unknown(word, f"{where}:{line}", known, near)
    return headers


def _unknown(word: str, where: str, known: Collection[str], near: list[str]) -> PgerpError:
    allowed = ", ".join(sorted(known)) or "none"
    remedy = f'Did you mean "{near[0]}"? ' if near else ""
    return PgerpError(
        f'unknown header "{word}"',
        where=where,
        detail=f"Headers known here: {allowed}.",
        hint=remedy + 'If it is prose, write it with a capital: "-- Note: …".',
    )
