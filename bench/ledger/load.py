"""One run of pgbench, and what it cost the server."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.ledger.books import LOGIN, Books, value
from bench.ledger.servers import Server
from pgerp.db import connect

_PIDS = (
    "SELECT a.pid FROM pg_stat_activity AS a "
    f"WHERE a.usename = '{LOGIN}' AND a.application_name = 'pgbench' ORDER BY a.pid"
)
_POLL_S = 0.01
_SETTLE_S = 0.1
_FEW = 20


@dataclass(frozen=True)
class Load:
    """What a run measured.

    Attributes:
        entries: Transactions that were committed.
        rate: Of them per second, without the time to connect.
        cpu_us: Server CPU per entry in microseconds, of the client backends; None: not known.
        wal: Bytes of WAL per entry, of the whole server.
        records: The same without images of whole pages; None: not known.
    """

    entries: int
    rate: float
    cpu_us: float | None
    wal: float
    records: float | None


def cpu_ns(pid: int) -> int:
    """Return nanoseconds of CPU that a process has used; 0 when it has ended, or is not here."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            return int(file.read().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0


class CpuMeter(threading.Thread):
    """Watches the CPU time of pgbench's backends until they end.

    Args:
        url: The database, as a superuser.
        clients: How many backends there will be.
    """

    def __init__(self, url: str, clients: int) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._clients = clients
        self._done = threading.Event()
        self._spent: dict[int, int] = {}

    def run(self) -> None:
        """Find the backends, then read what each has used, again and again."""
        with connect(self._url) as conn:
            seen: list[tuple[int, ...]] = []
            # pgbench begins with a session that it soon ends: the same ones twice are those.
            while not self._done.is_set() and not (
                len(seen) > 1 and seen[-1] == seen[-2] and len(seen[-1]) == self._clients
            ):
                seen.append(tuple(row[0] for row in conn.execute(_PIDS.encode()).fetchall()))
                self._spent = dict.fromkeys(seen[-1], 0)
                time.sleep(_SETTLE_S)
        while not self._done.is_set():
            self._read()
            time.sleep(_POLL_S)

    def _read(self) -> None:
        for pid in self._spent:
            self._spent[pid] = cpu_ns(pid) or self._spent[pid]

    def stop(self) -> float | None:
        """End; return microseconds of CPU, or None when a backend was missed."""
        self._done.set()
        self.join()
        if len(self._spent) != self._clients or not all(self._spent.values()):
            return None
        return sum(self._spent.values()) / 1000


def run_load(
    server: Server,
    books: Books,
    script: str,
    options: dict[str, str],
    *,
    clients: int,
    seconds: float,
) -> Load:
    """Let clients run a script for some seconds.

    Args:
        server: The server.
        books: The books, whose login runs it.
        script: What pgbench repeats.
        options: Settings of the sessions.
        clients: How many sessions at once.
        seconds: For how long, in whole seconds; 0: until each has made a few entries.

    Raises:
        RuntimeError: A transaction failed; with what was said.
    """
    words = [server.pgbench, "-n", "-M", "prepared", "-f", "-"]
    words += ["-T", str(round(seconds))] if seconds else ["-t", str(_FEW)]
    words += ["-c", str(clients), "-j", str(min(clients, 2)), books.client_url]
    settings = " ".join(f"-c {name}={text}" for name, text in options.items())
    meter = (
        CpuMeter(books.url, clients)
        if server.data and Path("/proc/self/schedstat").exists()
        else None
    )
    with connect(books.url) as conn:
        before = value(conn, "SELECT pg_current_wal_insert_lsn()")
        if meter:
            meter.start()
        done = subprocess.run(
            [str(word) for word in words],
            input=script,
            env={**os.environ, "PGOPTIONS": settings},
            capture_output=True,
            text=True,
            check=False,
        )
        cpu = meter.stop() if meter else None
        wal = float(value(conn, "SELECT pg_current_wal_insert_lsn() - %s", [before]))
        entries = int(_find(r"transactions actually processed: (\d+)", done.stdout))
        if done.returncode or not entries:
            raise RuntimeError(f"pgbench failed: {done.stderr or done.stdout}")
        records = _records(conn, server, before)
    rate = float(_find(r"tps = ([\d.]+) \(without", done.stdout))
    return Load(
        entries,
        rate,
        cpu / entries if cpu is not None else None,
        wal / entries,
        records / entries if records is not None else None,
    )


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found.group(1) if found else "0"


def _records(conn: psycopg.Connection, server: Server, start: str) -> float | None:
    """Return the bytes of WAL since an address that are not images of whole pages."""
    if server.data is None or server.programs is None:
        return None
    end = value(conn, "SELECT pg_current_wal_flush_lsn()")
    words = [server.programs / "pg_waldump", "-p", server.data / "pg_wal", "-s", start, "-e", end]
    done = subprocess.run(
        [*map(str, words), "--stats"], capture_output=True, text=True, check=False
    )
    total = re.search(r"^Total\s+\d+\s+(\d+) \[.*?%\]\s+(\d+) \[", done.stdout, re.MULTILINE)
    return float(total.group(1)) if total else None
