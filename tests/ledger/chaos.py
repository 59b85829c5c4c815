"""Many clients work on the books of one durable server while clients and server are killed.

The seed decides what each client asks for and who is killed when. `make chaos` runs the long form.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg

from pgerp import postmaster
from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.server import EmbeddedServer
from tests.ledger.books import open_books
from tests.ledger.chaos_audit import audit, reconcile
from tests.ledger.foreign import open_foreign_accounts
from tests.ledger.periods import retain
from tests.pgtap import value
from tests.servers import SystemServer

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


class Durable(Protocol):
    """A server whose data survive its death, and which can be started again."""

    @property
    def data(self) -> Path:
        """The data directory."""

    def start(self) -> str:
        """Start it unless it runs; return an address as a superuser."""

    def stop(self) -> None:
        """Stop it."""


@dataclass(frozen=True)
class Plan:
    """How much chaos.

    Attributes:
        workers: Clients at once.
        seconds: How long they work, not counting restarts and audits.
        kills: How many of each kind.
    """

    workers: int
    seconds: float
    kills: dict[str, int]

    def schedule(self, dice: random.Random) -> list[tuple[float, str]]:
        """Return the kills in their order, each after so many seconds of work."""
        kinds = [kind for kind, count in self.kills.items() for _ in range(count)]
        dice.shuffle(kinds)
        moments = sorted(dice.uniform(0.05, 0.95) * self.seconds for _ in kinds)
        return list(zip(moments, kinds, strict=True))


LONG = Plan(
    20, 60, {"client": 6, "session": 5, "backend": 3, "postmaster": 4, "immediate": 2, "fast": 1}
)


def short(dice: random.Random) -> Plan:
    """Return a few seconds with a client or session killed, a backend, and the server."""
    kinds = [("client", "session"), ("backend",), ("postmaster", "immediate")]
    return Plan(8, 5, {dice.choice(kind): 1 for kind in kinds})


def durable_server(kind: str, directory: Path) -> Durable | None:
    """Return a server of the kind that --pg chose; None where we cannot kill it."""
    if kind in ("embedded", "embedded16"):
        return EmbeddedServer(directory / "chaos", 16 if kind == "embedded16" else 18)
    if kind == "system":
        directory.mkdir(mode=0o755)
        settings = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
        return SystemServer(directory / "chaos", **settings)
    return None


class Chaos:
    """One run."""

    def __init__(self, server: Durable, folder: Path, seed: int) -> None:
        self.server = server
        self.folder = folder
        self.seed = seed
        self.dice = random.Random(seed)
        self.url = server.start()
        self.token = ""
        self.generations: dict[int, int] = {}
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.kills: dict[str, int] = {}
        self.restarts = 0

    def run(self, plan: Plan) -> dict[str, int]:
        """Prepare, let them work and be killed, look after each restart, and reconcile."""
        self.prepare()
        try:
            for number in range(plan.workers):
                self.spawn(number)
            worked = 0.0
            for moment, kind in plan.schedule(self.dice):
                self.work(moment - worked)
                worked = moment
                self.kill(kind, self.dice.randrange(plan.workers))
            self.work(plan.seconds - worked)
        finally:
            (self.folder / "stop").touch()
            for process in self.processes.values():
                try:
                    process.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
        for number, process in self.processes.items():
            assert process.returncode == 0, f"worker {number} ended with {process.returncode}"
        with connect(self.url) as conn:
            counts = audit(conn, self.folder)
            conn.execute("SELECT set_config('pgerp.token', %s, false)", [self.token])
            counts["entries"] = reconcile(conn, self.folder)
        killed = {f"kill {kind}": count for kind, count in sorted(self.kills.items())}
        return counts | killed | {"restarts": self.restarts}

    def prepare(self) -> None:
        """Migrate, and make two businesses with two years, a limited account and a login."""
        for words in (["up"], ["seed", "reference"]):
            runner = [sys.executable, str(ROOT / "migrate.py"), "--database-url", self.url]
            subprocess.run([*runner, *words], check=True, capture_output=True)
        with connect(self.url) as conn:
            conn.execute("CREATE ROLE till LOGIN IN ROLE pgerp_app")
            self.token = open_books(conn, "Chaos").token
            open_foreign_accounts(conn)
            retain(conn)
            conn.execute("SELECT ledger.create_account('1170', 'Float', 'ASSET')")
            conn.execute("SELECT ledger.set_account_limits('1170', 0, 20000)")
            for business in ("MAIN", "SIDE"):
                conn.execute("SELECT ledger.create_fiscal_year(%s, '2025-01-01')", [business])

    def spawn(self, number: int) -> None:
        """Start a worker, or the next one with its number, which goes on from its file."""
        generation = self.generations[number] = self.generations.get(number, 0) + 1
        facts = {
            "url": build_url({**parse_url(self.url), "user": "till"}),
            "token": self.token,
            "folder": str(self.folder),
            "seed": self.seed,
            "worker": number,
            "generation": generation,
        }
        self.processes[number] = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.chaos_worker", json.dumps(facts)], cwd=ROOT
        )

    def work(self, seconds: float) -> None:
        """Let them work for a while; nobody ends by himself."""
        time.sleep(seconds)
        for number, process in self.processes.items():
            assert process.poll() is None, f"worker {number} ended with {process.returncode}"

    def kill(self, kind: str, number: int) -> None:
        """Kill a client, its session, a server process, or the server; restart and look."""
        self.kills[kind] = self.kills.get(kind, 0) + 1
        if kind == "client":
            self.processes[number].kill()
            self.processes[number].wait()
            self.spawn(number)
            return
        if kind in ("session", "backend"):
            self.kill_sessions(kind, number)
            if kind == "session":
                return
        else:
            how = {"postmaster": signal.SIGKILL, "immediate": signal.SIGQUIT, "fast": signal.SIGINT}
            found = postmaster.find(self.server.data)
            assert found is not None
            os.kill(found.pid, how[kind])
            wait_until(lambda: postmaster.find(self.server.data) is None)
        self.restarts += 1
        wait_until(self.accepts)
        # They are held up meanwhile, so that a minute is spent on working.
        self.signal(signal.SIGSTOP)
        try:
            with connect(self.url) as conn:
                audit(conn, self.folder)
        finally:
            self.signal(signal.SIGCONT)

    def signal(self, how: signal.Signals) -> None:
        """Send all workers a signal."""
        for process in self.processes.values():
            process.send_signal(how)

    def kill_sessions(self, kind: str, number: int) -> None:
        """End up to three sessions, or kill the process of one, at which the server recovers."""
        with connect(self.url) as conn:
            pids: list[int] = []
            while not pids:
                rows = conn.execute(
                    """SELECT pid FROM pg_stat_activity WHERE usename = 'till'
                    ORDER BY state <> 'active', application_name"""
                ).fetchall()
                pids = [pid for (pid,) in rows]
            if kind == "session":
                for pid in pids[: number % 3 + 1]:
                    conn.execute("SELECT pg_terminate_backend(%s)", [pid])
                return
            os.kill(pids[number % len(pids)], signal.SIGKILL)
            # All sessions are cut, ours too.
            with contextlib.suppress(psycopg.Error):
                wait_until(lambda: value(conn, "SELECT false"))

    def accepts(self) -> bool:
        """Start the server unless it starts by itself; tell whether it lets us in."""
        try:
            self.server.start()
            connect(self.url).close()
        except (PgerpError, psycopg.Error):
            return False
        return True


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes within a minute."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def troubles(server: Durable) -> str:
    """What the server's log says of deadlocks and worse."""
    text = (server.data.parent / "log").read_text(errors="replace")
    found = re.findall(r"^.*(?:deadlock detected|PANIC|TRAP).*\n(?:.*\n){0,40}", text, re.MULTILINE)
    return "\n".join(found)


def summary(counts: dict[str, Any]) -> str:
    """One line for the report."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())
