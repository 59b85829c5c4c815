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
    for how in (signal.SIGQUIT, signal.SIGKILL):
        places = [*scratch.glob("*/data"), *scratch.glob("*/*/data")]
        for server in filter(None, map(postmaster.find, places)):
            os.kill(server.pid, how)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and any(map(postmaster.find, places)):
            time.sleep(0.02)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(Path(sys.argv[1]))
