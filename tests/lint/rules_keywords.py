"""Keywords are upper case, also inside function bodies, where sqlfluff sees one string."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pglast import scan
from pglast.parser import ParseError

from .source import SqlFile, rule

# Keywords that are words of a statement wherever they stand; the unreserved rest (name, value,
# type, status, …) may as well be columns, so they are left alone.
STATEMENT_WORDS = frozenset(
    """
    begin by call commit conflict constant continue declare delete diagnostics elsif errcode execute
    exception exit foreach if insert language loop materialized notice nothing over partition
    perform raise recursive replace return returns set strict trigger truncate update view while
    within without concurrently cross full ilike inner is isnull join left like natural notnull
    outer right similar
    """.split()  # noqa: SIM905
)
# Keywords of the grammar before an opening bracket, columns elsewhere.
BRACKET_WORDS = frozenset({"exists", "row", "values"})
# Keywords that read like functions and constants, and are written like them: in lower case.
LOWER_WORDS = frozenset(
    """
    coalesce current_catalog current_date current_role current_schema current_time current_timestamp
    current_user extract false greatest least localtime localtimestamp nullif session_user true
    """.split()  # noqa: SIM905
)
# Keywords that are functions before an opening bracket: left('abc', 1), replace('a', 'b', 'c').
FUNCTIONS_TOO = frozenset({"left", "like", "replace", "right"})
# LANGUAGE comes before one of these; elsewhere it is a column.
LANGUAGES = frozenset({"c", "internal", "plpgsql", "sql"})
# A keyword that is a type after RETURNS.
TYPES_TOO = frozenset({"trigger"})


@dataclass(frozen=True)
class WrongCase:
    """A word in the wrong case: its offset in the text, the word, and how it should be."""

    start: int
    word: str
    right: str


def wrong_cases(text: str) -> Iterator[WrongCase]:
    """Yield the keywords of SQL or PL/pgSQL text that are in the wrong case."""
    try:
        tokens = [token for token in scan(text) if not token.name.endswith("COMMENT")]
    except ParseError:
        return
    words = [text[token.start : token.end + 1] for token in tokens]
    for index, token in enumerate(tokens):
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        right = right_case(words[index], token.kind == "RESERVED_KEYWORD", before, after)
        if right != words[index]:
            yield WrongCase(token.start, words[index], right)


def right_case(word: str, reserved: bool, before: str, after: str) -> str:
    """Return a word as it should be written; columns and functions stay as they are."""
    lower = word.lower()
    if not word.isidentifier() or "." in (before, after):
        return word
    if lower in LOWER_WORDS:
        return lower
    if lower in FUNCTIONS_TOO and after == "(":
        return word
    if lower == "language" and after.lower() not in LANGUAGES:
        return word
    if lower in TYPES_TOO and before.upper() == "RETURNS":
        return word
    if reserved or lower in STATEMENT_WORDS or (lower in BRACKET_WORDS and after == "("):
        return word.upper()
    return word


@rule("keyword-case")
def keyword_case(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Keywords are upper case; those that read like functions and constants are lower case."""
    for offset, found in all_wrong_cases(file):
        yield file.line_at(offset), f"{found.word}: write {found.right}"


def all_wrong_cases(file: SqlFile) -> Iterator[tuple[int, WrongCase]]:
    """Yield (offset in the file, word) for the file's own text and for each body in it."""
    for found in wrong_cases(file.text):
        yield found.start, found
    for body in file.bodies:
        for found in wrong_cases(body.text):
            yield body.offset + found.start, found
