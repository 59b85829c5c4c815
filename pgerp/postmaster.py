"""The server process of a data directory: found by its pid file, started, waited for, stopped.

A pid file may outlive its server (kill -9, reboot), and its number may by then belong to another
program: so a process only counts when its command line names the data directory.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.hostuser import HostUser, server_user

START_TIMEOUT_S = 300
STOP_TIMEOUT_S = 60
PATIENCE_S = 20
_STATUS_LINE = 7
_EXEC_TRIES = 100
# The shell ends at once, so the server is nobody's child and outlives the program that started it.
_DETACH = 'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'


@dataclass(frozen=True)
class Postmaster:
    """A running server process.

    Attributes:
        pid: Process id.
        ready: Whether it has finished starting.
    """

    pid: int
    ready: bool


def find(data: Path) -> Postmaster | None:
    """Return the server that runs on a data directory, or None.

    Raises:
        PgerpError: The directory belongs to another user.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except PermissionError as error:
        server_user(data)
        raise PgerpError(
            "the embedded server's folder is not readable",
            where=str(data),
            hint="Run pgerp as the user who made it.",
        ) from error
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    if not _serves(pid, data):
        return None
    status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""
    return Postmaster(pid, status in {"ready", "standby"})


def _serves(pid: int, data: Path) -> bool:
    """Tell whether a process has the data directory on its command line."""
    return str(data) in _arguments(pid)


def _arguments(pid: int) -> list[str]:
    """Return a process's command line; empty when there is no such process any more."""
    process = Path(f"/proc/{pid}")
    try:
        # It reads as empty in the midst of exec, and for good in a process that has ended.
        for _ in range(_EXEC_TRIES):
            if line := (process / "cmdline").read_bytes():
                return [os.fsdecode(word) for word in line.split(b"\0")]
            if (process / "stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}:
                break
            time.sleep(0.002)
        return []
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/cmdline").exists():
            return []
    # No /proc (macOS). Of its arguments only the data directory is of interest.
    listing = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return re.findall(r"-D (.+?)(?= -k |$)", listing.stdout.strip())


def launch(
    data: Path, program: Path, socket: Path, options: Sequence[str], log: Path, user: HostUser
) -> Postmaster:
    """Start a server in the background and wait until it accepts connections.

    Args:
        data: The data directory, on which no server runs.
        program: The `postgres` binary.
        socket: The folder for its socket, which no other server uses.
        options: More arguments for it.
        log: The file that it writes to; made when missing.
        user: Who it runs as.

    Returns:
        The ready server.

    Raises:
        PgerpError: It ended, or was not ready within five minutes; with the end of the log.
    """
    if not log.exists():
        log.touch(mode=0o600)
        user.own(log)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        _drop_stale_files(data, socket)
        start = log.stat().st_size
        shell = ("/bin/sh", "-c", _DETACH, "sh")
        code, said = user.run([*shell, log, program, "-D", data, "-k", socket, *options])
        if code == 0 and (ready := _wait_until_ready(int(said), data)):
            return ready
        with log.open("rb") as written:
            written.seek(start)
            tail = written.read().decode(errors="replace")
        # Sessions of a killed server may outlive it for a moment; they hold its shared memory.
        if "shared memory block" not in tail or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    lines = [re.sub(r"^.*?\] (?=[A-Z]+:)", "", line) for line in tail.splitlines()[-6:]]
    raise PgerpError(
        "the embedded server does not start",
        where=str(log),
        detail=" ".join([*lines, said] if code else lines) + ".",
        hint="The log says why; `pgerp server start` tries again.",
    )


def _drop_stale_files(data: Path, socket: Path) -> None:
    """Remove what a killed server left; PostgreSQL would not dare when the pid lives on.

    It may be another program's by now, or still be in the process table. PostgreSQL itself still
    refuses to start while sessions of the old server are alive, by the shared memory that is keyed
    by the data directory.
    """
    if find(data) is None:
        for stale in (data / "postmaster.pid", *socket.glob(".s.PGSQL.*.lock")):
            stale.unlink(missing_ok=True)


def _wait_until_ready(pid: int, data: Path) -> Postmaster | None:
    """Wait for a starting server; None when its process ends first."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        found = find(data)
        if found is not None and found.ready:
            return found
        if not _serves(pid, data):
            return None
        time.sleep(0.01)
    return None


def stop(data: Path) -> int | None:
    """Stop the server of a data directory: fast, and after a minute without a clean shutdown.

    Returns:
        The pid of a server that did not end; None when none runs (any more).
    """
    for how in (signal.SIGINT, signal.SIGQUIT):
        found = find(data)
        if found is None:
            return None
        os.kill(found.pid, how)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while time.monotonic() < deadline:
            if not _serves(found.pid, data):
                return None
            time.sleep(0.01)
    return found.pid if found is not None and _serves(found.pid, data) else None
