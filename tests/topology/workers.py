"""Workers as operators run them: processes of `pgerp services worker`, to be watched and killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from pgerp.services.topology import Service
from pgerp.services.worker import NAME
from pgerp.workloop import GRACE_S
from tests.pgtap import value

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30

# The command itself, but that a test need not wait as long.
PROGRAM = """
import sys
from pgerp import workloop
workloop.GRACE_S = float(sys.argv.pop(1))
from pgerp.cli import main
main()
"""

# A transaction has an id once it has locked a pending event, and none while it looks for work.
BUSY = f"""
SELECT pid, backend_xid::text
FROM pg_stat_activity
WHERE datname = current_database() AND application_name = '{NAME}'
    AND state = 'active' AND backend_xid IS NOT NULL AND query LIKE '%events.work(%'"""
SESSIONS = (
    "SELECT pid FROM pg_stat_activity"
    f" WHERE datname = current_database() AND application_name = '{NAME}'"
)


def write_topology(path: Path, services: Iterable[Service]) -> Path:
    """Write the topology file of services that are there; the first is the one of identity."""
    services = list(services)
    lines = [f'identity = "{services[0].name}"']
    for one in services:
        modules = ", ".join(f'"{module}"' for module in sorted(one.modules))
        lines += [f"[services.{one.name}]", f"modules = [{modules}]", f'url = "{one.url}"']
    path.write_text("\n".join(lines) + "\n")
    return path


class Worker:
    """One process, started at once.

    Args:
        topology: The topology file.
        service: Whose events it acts upon.
        workers: How many threads it has for them.
        grace_s: How long it lets go on what runs when it is asked to end.
    """

    def __init__(
        self, topology: Path, service: Service, workers: int = 1, grace_s: float = GRACE_S
    ) -> None:
        self._words = [
            *(sys.executable, "-c", PROGRAM, str(grace_s), "--database-url", service.url),
            *("services", "worker", "--topology", str(topology)),
            *("--service", service.name, "--workers", str(workers)),
        ]
        self.start()

    def start(self) -> None:
        """Start the process, or another in its place."""
        self.process = subprocess.Popen(
            self._words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )

    def kill(self) -> None:
        """Kill it: no handler of it runs, nothing is tidied up."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def terminate(self) -> tuple[int, str, float]:
        """Ask it to end; return its exit code, what it said, and how long that took in seconds."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output, time.monotonic() - start


@contextmanager
def working(
    topology: Path, service: Service, workers: int = 1, grace_s: float = GRACE_S
) -> Iterator[Worker]:
    """Have a process work for a service while the block runs; arguments as of `Worker`."""
    worker = Worker(topology, service, workers, grace_s)
    try:
        yield worker
    finally:
        worker.kill()


def until(conn: psycopg.Connection, query: str, expected: object) -> float:
    """Wait until a query gives a value; return how long that took, in seconds."""
    start = time.monotonic()
    wait_for(lambda: value(conn, query) == expected, lambda: value(conn, query))
    return time.monotonic() - start


def wait_for(condition: Callable[[], bool], found: Callable[[], object] = lambda: "") -> None:
    """Wait until something holds, looking often; fails with what is found instead."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, found()
        time.sleep(0.005)
