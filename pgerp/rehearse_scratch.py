"""A PostgreSQL server of its own for one rehearsal: made in a temporary folder, always removed.

Never the target's server, not even when that is the embedded one: a migration may create roles,
change settings or drop a database, and those belong to the whole server.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.interrupt import sigterm_raises
from pgerp.server import INSTALLS, EmbeddedServer

PREFIX = "pgerp-rehearsal-"
ABANDONED_AFTER_S = 3600


def version_for(major: int) -> int:
    """Return the embedded major version to rehearse on: the nearest not older than `major`.

    Args:
        major: Major version of the target; for one newer than all of ours, ours nearest to it.
    """
    return min((one for one in INSTALLS if one >= major), default=max(INSTALLS))


@contextlib.contextmanager
def scratch_server(version: int) -> Iterator[EmbeddedServer]:
    """Start a server in a new temporary folder; stop it and remove the folder at the end.

    SIGTERM ends the block like an exception. What a killed run left behind is removed by the next.

    Args:
        version: Major version, one of the embedded ones.

    Yields:
        The running server, with an empty database `pgerp` and the superuser `postgres`.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with sigterm_raises():
        try:
            (folder / "pid").write_text(str(os.getpid()))
            # The server's own user must get in; its data directory below stays private.
            folder.chmod(0o755)
            server = EmbeddedServer(folder, version, durable=False)
            server.start()
            yield server
        finally:
            discard(folder)


def sweep() -> None:
    """Remove the servers of rehearsals whose process is gone (killed, or the machine's crash)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, PgerpError):
            if folder.stat().st_uid == os.geteuid() and _abandoned(folder):
                discard(folder)


def _abandoned(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except (FileNotFoundError, ValueError):
        return time.time() - folder.stat().st_mtime > ABANDONED_AFTER_S
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def discard(folder: Path) -> None:
    """Stop the server of a scratch folder, if one runs, and remove it all."""
    # Its data may be elsewhere, where root's server user can reach them.
    base = EmbeddedServer(folder, max(INSTALLS)).base
    with contextlib.suppress(FileNotFoundError):
        version = int((base / "data" / "PG_VERSION").read_text())
        EmbeddedServer(folder, version, durable=False).stop()
    shutil.rmtree(base, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
