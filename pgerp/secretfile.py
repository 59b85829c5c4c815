"""Files that hold a secret: new ones, for nobody but their owner."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pgerp.errors import PgerpError


@contextmanager
def private_file(path: Path, hint: str = "Name a new file.") -> Iterator[TextIO]:
    """Make a file of mode 0600 to write into; remove it again when the block fails.

    Args:
        path: Where nothing is yet, not even a link.
        hint: What to do if something is.

    Raises:
        PgerpError: The file is there, or cannot be made.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise PgerpError(
            f"the file cannot be made: {error.strerror}", where=str(path), hint=hint
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            # The umask may have left less, never more.
            os.fchmod(stream.fileno(), 0o600)
            yield stream
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_through(stream: TextIO, text: str) -> None:
    """Write, and return when it is on the disk."""
    stream.write(text)
    stream.flush()
    os.fsync(stream.fileno())


def read_private(path: Path, what: str, *, missing: str, exposed: str) -> str:
    """Read a file of UTF-8 text that only its owner can read; a pipe or device is taken as it is.

    Args:
        path: The file.
        what: What it is, for the message: "key file".
        missing: What to do if it is not there.
        exposed: What to do if others did read it.

    Raises:
        PgerpError: It cannot be read, others than its owner can, or it is no text.
    """
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if stat.S_ISREG(mode) and stat.S_IMODE(mode) & 0o077:
                raise PgerpError(
                    f"others than its owner may read or change the {what}"
                    f" (mode {stat.S_IMODE(mode):04o})",
                    where=str(path),
                    hint=f"chmod 600 {path}; if others did read it, {exposed}.",
                )
            return stream.read().decode("utf-8-sig")
    except FileNotFoundError:
        raise PgerpError(f"there is no such {what}", where=str(path), hint=missing) from None
    except OSError as error:
        raise PgerpError(f"the {what} cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise PgerpError(f"the {what} is no text", where=str(path)) from None
