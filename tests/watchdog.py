"""Ends the test servers when the test run ends, however it ends: kill -9 included.

Runs as a process of its own and reads its standard input, a pipe that the test run holds open.
The pipe closes when the run lets go of it or dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from pgerp import postmaster

PATIENCE_S = 20
_SOCKET_LINE = 4


def watch(scratch: Path) -> subprocess.Popen[bytes]:
    """Start the watchdog of a scratch folder; close its `stdin` and wait for it to clean up."""
    root = Path(__file__).resolve().parent.parent
    return subprocess.Popen(
        [sys.executable, __file__, str(scratch)],
        stdin=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(root)},
    )


def sweep(scratch: Path) -> None:
    """End every server whose data directory is one or two folders below, and remove everything."""
    places = [*scratch.glob("*/data"), *scratch.glob("*/*/data")]
    sockets = [folder for data in places if (folder := _socket_folder(data))]
    for how in (signal.SIGQUIT, signal.SIGKILL):
        for server in filter(None, map(postmaster.find, places)):
            os.kill(server.pid, how)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and any(map(postmaster.find, places)):
            time.sleep(0.02)
    for folder in (scratch, *sockets):
        shutil.rmtree(folder, ignore_errors=True)


def _socket_folder(data: Path) -> Path | None:
    """Return the folder in /tmp that a server with a long path has its socket in."""
    try:
        folder = Path((data / "postmaster.pid").read_text().splitlines()[_SOCKET_LINE])
    except (OSError, IndexError):
        return None
    return folder if folder.parent == Path("/tmp") and folder.name.startswith("pgerp-") else None


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(Path(sys.argv[1]))
