"""The embedded server's data directory: made by initdb, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.hostuser import HostUser

# Written into postgresql.conf, where the user may change them.
SETTINGS = {
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    # For the eight services on one server.
    "wal_level": "logical",
    "max_replication_slots": "32",
    "max_wal_senders": "32",
    "max_logical_replication_workers": "32",
    "max_worker_processes": "48",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_lock_waits": "on",
}


def check_version(data: Path, version: int) -> None:
    """Refuse data that another major version made.

    Args:
        data: An existing data directory.
        version: The major version of the programs that are to run on it.

    Raises:
        PgerpError: They do not fit.
    """
    found = (data / "PG_VERSION").read_text().strip()
    if found != str(version):
        raise PgerpError(
            f"the data were made by PostgreSQL {found}, this is {version}",
            where=str(data),
            hint="Move them away (the next start makes new ones), or keep them: dump them with a "
            f"PostgreSQL {found} server and restore into the new one.",
        )


def make(data: Path, initdb: Path, version: int, user: HostUser, *, durable: bool) -> None:
    """Make a data directory; a kill on the way leaves none.

    The order of text is by code point and the letters are PostgreSQL's own where it has them, so
    that the same data sort alike on every machine.

    Args:
        data: The directory, which does not exist yet; its parent does.
        initdb: The program.
        version: Its major version.
        user: Who will own the directory and run the server.
        durable: False skips the final sync to disk.

    Raises:
        PgerpError: initdb failed.
    """
    scratch = data.with_name("data.new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    user.own(scratch)
    if version >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        letters = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        locale = ["--locale=C", f"--lc-ctype={letters}"]
    options = ["--auth=trust", "--encoding=UTF8", "--data-checksums", "--no-instructions", *locale]
    options += [] if durable else ["--no-sync"]
    settings = SETTINGS | ({"max_active_replication_origins": "32"} if version >= 18 else {})
    options += [word for item in settings.items() for word in ("-c", "=".join(item))]
    code, said = user.run([initdb, "-D", scratch, "-U", "postgres", *options])
    if code != 0:
        shutil.rmtree(scratch, ignore_errors=True)
        raise PgerpError(
            "the data directory cannot be made",
            where=str(data),
            detail=f"initdb says: {' '.join(said.split())}.",
            hint="Check free space and the rights on the folder.",
        )
    scratch.rename(data)


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder that may change while we look."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += Path(parent, name).lstat().st_size
    return total
