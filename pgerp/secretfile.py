"""Files that hold a secret: new ones, for nobody but their owner."""

from __future__ import annotations

import os
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
