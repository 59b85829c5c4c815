"""SQL files as text: reading, checksums, splitting into statements, and what may not be in them.

The splitter follows psql's own lexer (strings, dollar quotes, nested comments, parentheses and
BEGIN ATOMIC bodies), so that what it calls one statement is one statement to the server too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgerp.errors import PgerpError

_IDENTIFIER = r"[A-Za-z_\u0080-\U0010ffff]"
_GAP = r"(?:[ \t\n\r\f\v]|--[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)+"
_PLAIN = re.compile(r"""['"$;()\\]|--|/\*""")
_ROUTINE = re.compile(
    r"""['"$;()\\]|--|/\*|(?<![\w$.])(?:begin(?=[ \t\n\r\f\v]+atomic\b)|case|end)(?![\w$])""", re.I
)
_CREATE_ROUTINE = re.compile(
    rf"create{_GAP}(?:or{_GAP}replace{_GAP})?(?:function|procedure)\b", re.I
)
_BLANK = re.compile(r"[ \t\n\r\f\v]*")
_LINE_END = re.compile(r"[\n\r]|\Z")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_DOLLAR = re.compile(rf"\$(?:{_IDENTIFIER}(?:{_IDENTIFIER}|\d)*)?\$")
_ESCAPED = re.compile(r"(?:[^'\\]|\\.|'')*+'", re.S)
_CONTINUED = re.compile(
    r"(?:[ \t\f\v]|--[^\n\r]*)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*+'", re.S
)
_TRANSACTION = re.compile(
    rf"(?:begin|start{_GAP}transaction|commit|end|rollback|abort|savepoint|release"
    rf"|prepare{_GAP}transaction)\b",
    re.I,
)
_COPY = re.compile(r"copy\b.*\b(?:from|to)\s+(?:stdin|stdout)\b", re.I | re.S)


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


def display(path: Path) -> str:
    """Return `path` as a person would type it: relative to the current folder where it is below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def normalise(raw: bytes, where: str) -> str:
    """Decode a file: UTF-8 only, byte-order mark removed, CRLF turned to LF.

    Args:
        raw: The file's bytes.
        where: The file's name, for errors.

    Returns:
        The text that is sent to the server and that the checksum is over.

    Raises:
        PgerpError: the bytes are not UTF-8, or hold a NUL.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PgerpError(
            "the file is not UTF-8",
            where=f"{where}:{line}",
            detail=f"Byte 0x{raw[error.start]:02x} cannot be decoded.",
            hint="Save the file as UTF-8.",
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise PgerpError(
            "the file holds a NUL byte",
            where=f"{where}:{line_at(text, nul)}",
            hint="PostgreSQL cannot store it; remove it (is this a text file?).",
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def read(path: Path) -> str:
    """Read a SQL file as `normalise` does.

    Raises:
        PgerpError: the file cannot be read, is not UTF-8, or holds a NUL.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PgerpError(
            f"the file cannot be read: {error.strerror}",
            where=display(path),
            hint="Check its permissions, and that nothing removed it meanwhile.",
        ) from None
    return normalise(raw, display(path))


def checksum(text: str) -> str:
    """Return the SHA-256 of normalised text, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def line_at(text: str, offset: int) -> int:
    """Return the line, counted from 1, of a character offset counted from 0."""
    return text.count("\n", 0, offset) + 1


def shorten(statement: str, width: int = 120) -> str:
    """Return a statement on one line of at most `width` characters, for messages."""
    text = " ".join(statement[: width * 4].split())
    return text if len(text) <= width else text[: width - 1] + "…"


def split(sql: str, where: str = "") -> list[Statement]:
    """Split SQL text into its statements, in time linear in its length.

    Args:
        sql: Normalised text.
        where: The file's name, for errors.

    Returns:
        The statements in order; empty ones and comments between them are left out.

    Raises:
        PgerpError: a string, identifier, dollar quote or comment is not closed, or a psql
            command (a backslash outside quotes) is found.
    """
    return list(_scan(sql, where))


def guard(sql: str, where: str) -> list[Statement]:
    """Split a file and refuse what cannot be sent as part of one transaction.

    Args:
        sql: Normalised text.
        where: The file's name, for errors.

    Returns:
        Its statements, at least one.

    Raises:
        PgerpError: with `where:line`, for transaction commands, COPY from or to the client, psql
            commands, unclosed quotes or comments, and files without a statement.
    """
    statements = []
    for statement in _scan(sql, where):
        place = f"{where}:{statement.line}"
        if _TRANSACTION.match(statement.text):
            raise PgerpError(
                "transaction commands are not allowed here",
                where=place,
                statement=shorten(statement.text),
                hint="Remove it: the runner wraps each file in one transaction of its own.",
            )
        if _COPY.match(statement.text):
            raise PgerpError(
                "COPY from or to the client is not allowed here",
                where=place,
                statement=shorten(statement.text),
                hint="Write INSERT … VALUES instead, or load the data as a seed.",
            )
        statements.append(statement)
    if not statements:
        raise PgerpError(
            "the file holds no statement",
            where=f"{where}:1",
            hint="Write its SQL, or remove the file.",
        )
    return statements


def _scan(sql: str, where: str) -> Iterator[Statement]:
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
