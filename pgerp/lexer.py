"""Where SQL statements begin and end.

The lexer follows psql's own (strings, dollar quotes, nested comments, parentheses and BEGIN
ATOMIC bodies), so that what it calls one statement is one statement to the server too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgerp.errors import PgerpError

_LETTER = r"[^\x00-@\[-\^`{-\x7f]"  # A-Z, a-z, _ and everything beyond ASCII
GAP = r"(?:[ \t\n\r\f\v]|--[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)+"
_PLAIN = re.compile(r"""['"$;()\\]|--|/\*""")
_ROUTINE = re.compile(
    r"""['"$;()\\]|--|/\*|(?<![\w$.])(?:begin(?=[ \t\n\r\f\v]+atomic\b)|case|end)(?![\w$])""",
    re.IGNORECASE,
)
_CREATE_ROUTINE = re.compile(
    rf"create{GAP}(?:or{GAP}replace{GAP})?(?:function|procedure)\b", re.IGNORECASE
)
_BLANK = re.compile(r"[ \t\n\r\f\v]*")
_LINE_END = re.compile(r"[\n\r]|\Z")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_DOLLAR = re.compile(rf"\$(?:{_LETTER}(?:{_LETTER}|\d)*)?\$")
_ESCAPED = re.compile(r"(?:[^'\\]|\\.|'')*+'", re.DOTALL)
_CONTINUED = re.compile(
    r"(?:[ \t\f\v]|--[^\n\r]*)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*+'", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement of a file.

    Attributes:
        text: The statement from its first token to before its semicolon.
        line: Line of its first token, counted from 1.
        offset: Offset of its first token in the file's text, in characters, from 0.
    """

    text: str
    line: int
    offset: int


def line_at(text: str, offset: int) -> int:
    """Return the line, counted from 1, of a character offset counted from 0."""
    return text.count("\n", 0, offset) + 1


def shorten(statement: str, width: int = 120) -> str:
    """Return a statement on one line of at most `width` characters, for messages."""
    text = " ".join(statement[: width * 4].split())
    return text if len(text) <= width else text[: width - 1] + "…"


def scan(sql: str, where: str) -> Iterator[Statement]:
    """Yield each statement as soon as its end is seen, so that errors come in file order."""
    size = len(sql)
    counted, line = 0, 1
    position = _skip(sql, 0, where)
    while position < size:
        start = position
        line += sql.count("\n", counted, start)
        counted = start
        end = _end_of_statement(sql, start, where)
        text = sql[start:end].rstrip()
        if text:
            yield Statement(text, line, start)
        position = _skip(sql, end + 1, where)


def _skip(sql: str, position: int, where: str) -> int:
    """Return the offset of the next token: past blanks and comments."""
    while True:
        blank = _BLANK.match(sql, position)
        position = blank.end() if blank else position
        if sql.startswith("--", position):
            position = _end_of_line(sql, position)
        elif sql.startswith("/*", position):
            position = _end_of_comment(sql, position, where)
        else:
            return position


def _end_of_statement(sql: str, start: int, where: str) -> int:
    """Return the offset of the semicolon that ends the statement at `start`, or the text's end."""
    tokens = _ROUTINE if _CREATE_ROUTINE.match(sql, start) else _PLAIN
    parentheses = bodies = 0
    position = start
    while found := tokens.search(sql, position):
        token, at = found.group().lower(), found.start()
        position = found.end()
        if token == ";":
            if not parentheses and not bodies:
                return at
        elif token == "(":
            parentheses += 1
        elif token == ")":
            parentheses = max(parentheses - 1, 0)
        elif token == "'":
            position = _end_of_string(sql, at, where)
        elif token == '"':
            position = _close(sql, at, position, '"', "quoted identifier", where)
        elif token == "$":
            position = _end_of_dollar(sql, at, where)
        elif token == "--":
            position = _end_of_line(sql, at)
        elif token == "/*":
            position = _end_of_comment(sql, at, where)
        elif token == "\\":
            raise PgerpError(
                "psql commands are not allowed here",
                where=f"{where}:{line_at(sql, at)}",
                statement=sql[at : _end_of_line(sql, at)].strip(),
                hint="The file goes to the server as it is, without psql: use plain SQL.",
            )
        elif not parentheses:
            if token == "begin":
                bodies = max(bodies, 1)
            elif bodies:
                bodies += 1 if token == "case" else -1
    return len(sql)


def _is_identifier(char: str) -> bool:
    return char.isalnum() or char in "_$" or char >= "\x80"


def _end_of_line(sql: str, position: int) -> int:
    found = _LINE_END.search(sql, position)
    return found.start() if found else len(sql)


def _unclosed(sql: str, at: int, what: str, where: str) -> PgerpError:
    return PgerpError(
        f"unterminated {what}",
        where=f"{where}:{line_at(sql, at)}",
        statement=shorten(sql[at : _end_of_line(sql, at)]),
        hint="It begins here and is never closed.",
    )


def _close(sql: str, at: int, position: int, mark: str, what: str, where: str) -> int:
    end = sql.find(mark, position)
    if end < 0:
        raise _unclosed(sql, at, what, where)
    return end + len(mark)


def _end_of_string(sql: str, at: int, where: str) -> int:
    """Return the end of the string at `at`; '' inside reads as two adjacent strings."""
    before = sql[max(at - 2, 0) : at]
    escaped = before[-1:] in ("e", "E") and not (len(before) > 1 and _is_identifier(before[0]))
    if not escaped:
        return _close(sql, at, at + 1, "'", "string", where)
    position = at + 1
    while True:
        body = _ESCAPED.match(sql, position)
        if not body:
            raise _unclosed(sql, at, "string", where)
        # After a line break the same string may go on, and its escapes with it.
        more = _CONTINUED.match(sql, body.end())
        if not more:
            return body.end()
        position = more.end()


def _end_of_dollar(sql: str, at: int, where: str) -> int:
    if at and _is_identifier(sql[at - 1]):
        return at + 1
    opened = _DOLLAR.match(sql, at)
    if not opened:
        return at + 1
    return _close(sql, at, opened.end(), opened.group(), "dollar-quoted string", where)


def _end_of_comment(sql: str, at: int, where: str) -> int:
    depth, position = 0, at
    while edge := _COMMENT_EDGE.search(sql, position):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
        if depth == 0:
            return position
    raise _unclosed(sql, at, "comment", where)
