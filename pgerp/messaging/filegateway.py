"""The gateway `file`: messages are lines of a file, for development, and for what reads them."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.messaging.gateway import Outgoing, Unavailable


class FileGateway:
    """Appends each message as a line of JSON to a file that only its owner can read.

    Args:
        path: The file; it is made when it is not there.

    Raises:
        PgerpError: It cannot be written, or others than its owner can read or write it.
    """

    name = "file"
    patience_s = 5.0

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            os.close(self._open())
        except OSError as error:
            raise PgerpError(
                f"the file of messages cannot be written: {error.strerror}",
                where=str(path),
                hint="Name another one: --file PATH.",
            ) from None

    def send(self, message: Outgoing) -> str:
        """Append a message; return its id.

        Raises:
            Unavailable: The file cannot be written; nothing of the message is in it.
        """
        line = {
            "id": message.id,
            "channel": message.channel,
            "to": message.recipient,
            "subject": message.subject,
            "body": message.body,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode()
        try:
            handle = self._open()
            try:
                # Of other workers, and of what moves the file away.
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._append(handle, data)
            finally:
                os.close(handle)
        except OSError as error:
            raise Unavailable(f"the file cannot be written: {error.strerror}") from None
        except PgerpError as error:
            raise Unavailable(str(error)) from None
        return message.id

    def _append(self, handle: int, data: bytes) -> None:
        size = os.fstat(handle).st_size
        try:
            written = 0
            while written < len(data):
                written += os.write(handle, data[written:])
            os.fsync(handle)
        except OSError:
            # A line is there whole, or not at all.
            os.ftruncate(handle, size)
            raise

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self._path, flags, 0o600)
        mode = os.fstat(handle).st_mode
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & 0o077:
            os.close(handle)
            raise PgerpError(
                f"others than its owner may read or change the file of messages"
                f" (mode {stat.S_IMODE(mode):04o})",
                where=str(self._path),
                hint=f"chmod 600 {self._path}",
            )
        return handle
