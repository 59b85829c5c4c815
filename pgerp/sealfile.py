"""The digest file of `pgerp seal --export`: JSON lines that are kept away from the server.

The first line names the format. Each seal is an object, which says of what it is; its leaves
follow, one array a line: [id, leaf hash] or [id, leaf hash, content].
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO
from uuid import UUID

from pgerp.errors import PgerpError
from pgerp.sealcode import Seal

FORMAT = "pgerp-seals-1"
DETAILS = ("none", "hashes", "contents")
"""What a file may keep of each leaf."""


@dataclass(frozen=True)
class FileLeaf:
    """A leaf in the file; `content` only where the file keeps contents."""

    id: str
    leaf_hash: bytes
    content: str | None


@dataclass(frozen=True)
class FileSeal:
    """A seal in the file.

    Attributes:
        of: Of what it is: the name of a pgerp.sealrows.Kind.
        seal: What it says of itself.
        tenant: The tenant's name at that time.
        detail: One of DETAILS.
        line: Its line in the file.
        leaves: Its leaves, to be read before the next seal.
    """

    of: str
    seal: Seal
    tenant: str
    detail: str
    line: int
    leaves: Iterator[FileLeaf]


def read_seals(path: Path) -> Iterator[FileSeal]:
    """Read a digest file from the top; leaves that are not read are passed over.

    Raises:
        PgerpError: with file:line: it cannot be read, is cut off, or is not of the format.
    """
    try:
        text = path.open(encoding="utf-8", newline="\n")
    except OSError as error:
        raise PgerpError(
            f"cannot read the file: {error.strerror}",
            where=str(path),
            hint="Name a file that pgerp seal --export wrote.",
        ) from error
    with text:
        yield from _Reader(path, text).seals()


class _Reader:
    def __init__(self, path: Path, text: TextIO) -> None:
        self._path = path
        self._text = text
        self._line = 0

    def seals(self) -> Iterator[FileSeal]:
        first = self._next()
        if not isinstance(first, dict) or first.get("format") != FORMAT:
            self._refuse(f"the file is not of the format {FORMAT}")
        while (found := self._next()) is not None:
            try:
                seal, detail = _seal(found)
                # Files from before the audit log was sealed do not say it.
                of, tenant = str(found.get("of", "ledger")), str(found["name"])
            except (KeyError, TypeError, ValueError):
                self._refuse("this is not a seal")
            leaves = self._leaves(0 if detail == "none" else seal.leaf_count)
            yield FileSeal(of, seal, tenant, detail, self._line, leaves)
            for _ in leaves:
                pass

    def _leaves(self, count: int) -> Iterator[FileLeaf]:
        for _ in range(count):
            try:
                id, hashed, *content = self._next()
                leaf = FileLeaf(str(UUID(id)), bytes.fromhex(hashed), *(content or [None]))
            except (AttributeError, TypeError, ValueError):
                self._refuse("this is not a leaf of the seal above it")
            yield leaf

    def _next(self) -> Any:
        """Return the next line's value; None at the end."""
        try:
            line = self._text.readline()
            if not line:
                return None
            self._line += 1
            if not line.endswith("\n"):
                raise ValueError
            return json.loads(line)
        except ValueError:
            self._refuse("the line is cut off, or not JSON in UTF-8")

    def _refuse(self, message: str) -> NoReturn:
        raise PgerpError(
            message,
            where=f"{self._path}:{self._line}",
            hint="The file was edited or damaged: take another copy of it.",
        )


def _seal(found: Any) -> tuple[Seal, str]:
    seal = Seal(
        tenant_id=int(found["tenant"]),
        seal_no=int(found["seal"]),
        first_position=int(found["first"]),
        last_position=int(found["last"]),
        merkle_root=bytes.fromhex(found["root"]),
        previous_hash=bytes.fromhex(found["previous"]),
        seal_hash=bytes.fromhex(found["hash"]),
        complete_before=found["complete_before"],
        open_transactions=found["open_transactions"],
        sealed_at=found["sealed_at"],
        sealed_by=found["sealed_by"],
    )
    if found["leaves"] not in DETAILS or seal.leaf_count < 1:
        raise ValueError
    return seal, found["leaves"]


class SealWriter:
    """Writes seals to an open digest file.

    Args:
        text: The file, at its end.
        detail: One of DETAILS.
    """

    def __init__(self, text: TextIO, detail: str) -> None:
        self._text = text
        self._detail = detail

    def header(self) -> None:
        """Write the line that a new file begins with."""
        self._write({"format": FORMAT})

    def seal(self, of: str, seal: Seal, tenant: str, leaves: Iterable[FileLeaf] | None) -> None:
        """Write a seal.

        Args:
            of: Of what it is; see FileSeal.
            seal: The seal.
            tenant: The tenant's name.
            leaves: Its leaves, in order; None if they are gone.
        """
        detail = "none" if leaves is None else self._detail
        self._write(
            {
                "of": of,
                "tenant": seal.tenant_id,
                "name": tenant,
                "seal": seal.seal_no,
                "first": seal.first_position,
                "last": seal.last_position,
                "root": seal.merkle_root.hex(),
                "previous": seal.previous_hash.hex(),
                "hash": seal.seal_hash.hex(),
                "complete_before": seal.complete_before,
                "open_transactions": seal.open_transactions,
                "sealed_at": seal.sealed_at,
                "sealed_by": seal.sealed_by,
                "leaves": detail,
            }
        )
        if leaves is None or detail == "none":
            return
        for leaf in leaves:
            more = [leaf.content] if detail == "contents" else []
            self._write([leaf.id, leaf.leaf_hash.hex(), *more])

    def _write(self, value: Any) -> None:
        json.dump(value, self._text, ensure_ascii=False, separators=(",", ":"))
        self._text.write("\n")


@contextmanager
def appending(path: Path, detail: str) -> Iterator[Callable[[], SealWriter]]:
    """Add to a digest file, or begin one: whole or not at all.

    The file is replaced by a longer one when the block ends without error; unless the writer that
    it yields was never asked for.
    """
    partial = path.with_name(f".{path.name}.partial")
    opened: list[TextIO] = []

    def writer() -> SealWriter:
        if opened:
            return SealWriter(opened[0], detail)
        is_new = not path.exists()
        if not is_new:
            shutil.copy(path, partial)
        # A digest says nothing secret with hashes only, but contents are the books.
        text = open(  # noqa: SIM115
            partial, "w" if is_new else "a", encoding="utf-8", newline="\n", opener=_private
        )
        opened.append(text)
        made = SealWriter(text, detail)
        if is_new:
            made.header()
        return made

    try:
        yield writer
        for text in opened:
            text.flush()
            os.fsync(text.fileno())
            text.close()
            os.replace(partial, path)
    except OSError as error:
        raise PgerpError(
            f"cannot write the file: {error.strerror}",
            where=str(path),
            hint="Name a file in a folder that this user may write to.",
        ) from error
    finally:
        for text in opened:
            text.close()
        partial.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
