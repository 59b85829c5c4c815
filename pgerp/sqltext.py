"""SQL files as text: reading, checksums, splitting into statements, and what may not be in them."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.lexer import GAP, Statement, line_at, scan, shorten

__all__ = [
    "Statement",
    "checksum",
    "display",
    "guard",
    "line_at",
    "normalise",
    "read",
    "shorten",
    "split",
]

_TRANSACTION = re.compile(
    rf"(?:begin|start{GAP}transaction|commit|end|rollback|abort|savepoint|release"
    rf"|prepare{GAP}transaction)\b",
    re.IGNORECASE,
)
_COPY = re.compile(r"copy\b.*\b(?:from|to)\s+(?:stdin|stdout)\b", re.IGNORECASE | re.DOTALL)


def display(path: Path) -> str:
    """Return `path` as a person would type it: relative to the current folder where it is below."""
    # Called for every file of a run, where pathlib's relative_to would be felt.
    return str(path).removeprefix(os.path.join(os.getcwd(), ""))


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
    return list(scan(sql, where))


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
    for statement in scan(sql, where):
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
