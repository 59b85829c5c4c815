"""Events of one database that handlers of another act upon: how soon, and how many a second."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench import posting
from bench.events.emitting import add_type, owner
from bench.ledger.books import Books, open_books, value
from bench.ledger.load import cpu_ns
from bench.support import PGERP, seconds
from pgerp.db import connect
from pgerp.server import EmbeddedServer

LANDING_MS = 100
RATE = 1000

# Module hr stands for any that emits; the ledger has the handlers.
_TOPOLOGY = """
identity = "accounting"
[services.till]
database = "bench_till"
modules = ["hr"]
[services.accounting]
database = "bench_accounting"
modules = ["ledger"]
"""
_NOTE = """
CREATE TABLE ledger.bench_notes (
    tenant_id integer NOT NULL, event_id uuid NOT NULL, amount numeric NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE FUNCTION ledger.bench_note(p_event events.event_store) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger.bench_notes
    VALUES (p_event.tenant_id, p_event.id, (p_event.payload ->> 'amount')::numeric);
    RETURN NULL;
END $$;
GRANT INSERT ON ledger.bench_notes TO pgerp_owner;
GRANT EXECUTE ON FUNCTION ledger.bench_note TO pgerp_owner;
"""
_EMIT = """
SELECT count(events.emit(
    %(tenant)s, %(type)s, %(turn)s || '-' || n.number %% %(streams)s,
    jsonb_build_object('on', current_date, 'no', n.number::text, 'amount', 5.25), %(business)s
))
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n (number)
"""
_BACKENDS = (
    "SELECT a.pid FROM pg_stat_activity AS a WHERE a.datname = current_database()"
    " AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()"
)
_NOTED, _SOLD = "hr.bench_noted", "hr.bench_sold"
_HANDLERS = {_NOTED: "ledger.bench_note", _SOLD: "ledger.post_event"}
_PATIENCE_S = 600
_BATCH = 200


@dataclass
class Site:
    """Two services on one server, with books in the second.

    Attributes:
        topology: The file that says so.
        books: Tenant and business; those of the second.
        till: Emits, as functions of modules do.
        accounting: A superuser's session where the handlers are.
    """

    topology: Path
    books: Books
    till: psycopg.Connection
    accounting: psycopg.Connection

    def emit(self, event_type: str, turn: str, first: int, last: int, streams: int) -> None:
        """Emit events in one transaction; number n is of aggregate n modulo `streams`."""
        named = {"type": event_type, "turn": turn, "first": first, "last": last}
        rest = {"tenant": self.books.tenant_id, "business": self.books.business_id}
        self.till.execute(_EMIT.encode(), {**named, **rest, "streams": streams})

    def wait(self, query: str, wanted: int, params: Sequence[Any] = ()) -> None:
        """Return when a count in the second database is what is wanted.

        Raises:
            RuntimeError: it did not come to that.
        """
        end = time.monotonic() + _PATIENCE_S
        while (found := value(self.accounting, query, params)) != wanted:
            if time.monotonic() > end:
                raise RuntimeError(f"{found} instead of {wanted}: {query}")
            time.sleep(0.05)


@contextlib.contextmanager
def open_site(server: EmbeddedServer) -> Iterator[Site]:
    """Make the two services; close the sessions at the end."""
    with connect(server.url("postgres")) as conn:
        # What tells when a transaction was committed, on both sides.
        conn.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    server.stop()
    server.start()
    with TemporaryDirectory() as folder:
        topology = Path(folder) / "topology.toml"
        topology.write_text(_TOPOLOGY)
        _services(server, topology, "up")
        books = open_books(server.url("bench_accounting"))
        till_url = server.url("bench_till")
        for url in (books.url, till_url):
            with connect(url) as conn:
                for event_type, handler in _HANDLERS.items():
                    add_type(conn, event_type, handler)
        with connect(books.url) as conn:
            conn.execute(_NOTE)
        posting.save_rule(books, _SOLD)
        # The feeds of the contract; the tenant travels too.
        _services(server, topology, "up")
        with owner(till_url, books.tenant_id) as till, connect(books.url) as accounting:
            yield Site(topology, books, till, accounting)


def _services(server: EmbeddedServer, topology: Path, action: str) -> None:
    url = ("--database-url", server.url("postgres"))
    seconds([*PGERP, *url, "services", action, "--topology", topology])


@contextlib.contextmanager
def _workers(site: Site, count: int) -> Iterator[None]:
    """Run worker processes of the second service; end them, and see that they ended well."""
    command = [*PGERP, "--database-url", site.books.url, "services", "worker"]
    command += ["--topology", str(site.topology), "--service", "accounting"]
    running = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        yield
        # The last may still be starting when the first has done all.
        site.wait(f"SELECT count(*) FROM ({_BACKENDS}) AS b", count)
    finally:
        for one in running:
            one.send_signal(signal.SIGTERM)
        said = [one.communicate()[0] for one in running]
    if any(one.returncode for one in running) or any(" 0 failed" not in text for text in said):
        raise RuntimeError(f"workers failed: {said}")


def land(site: Site, *, count: int, gap_ms: float) -> dict[str, dict[str, float]]:
    """Return milliseconds from commit to commit, by type of event, with one worker that waits."""
    found = {}
    for event_type, handler in _HANDLERS.items():
        done = "SELECT count(*) FROM events.processed_events WHERE handler = %s"
        before = value(site.accounting, done, [handler])
        with _workers(site, 1):
            # Some to make connections and fill caches, which do not count.
            for number in range(count + 20):
                site.emit(event_type, "landing", number, number, count + 20)
                time.sleep(gap_ms / 1000)
            site.wait(done, before + count + 20, [handler])
        emitted = _commits(
            site.till,
            "events.event_store WHERE event_type = %s AND aggregate_id LIKE 'landing-%%'",
            "id",
            event_type,
        )
        landed = _commits(
            site.accounting, "events.processed_events WHERE handler = %s", "event_id", handler
        )
        times = sorted(
            (landed[event] - at) * 1000
            for event, at in sorted(emitted.items(), key=lambda one: one[1])[20:]
        )
        found[handler] = {
            "median": median(times),
            "p95": quantiles(times, n=20)[-1],
            "longest": times[-1],
        }
    return found


def _commits(conn: psycopg.Connection, rows: str, key: str, named: str) -> dict[Any, float]:
    """Return by key when rows were committed, in seconds since 1970."""
    query = f"SELECT {key}, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM {rows}"
    return {row[0]: float(row[1]) for row in conn.execute(query.encode(), [named]).fetchall()}


def catch_up(site: Site, *, backlog: int, workers: Sequence[int]) -> list[dict[str, Any]]:
    """Return how fast workers are with a backlog, for each handler, stream length and number."""
    return [
        _drain(site, event_type, name, streams, backlog, count)
        for event_type, name, streams in (
            (_NOTED, "a handler that notes, each event of its own aggregate", backlog),
            (_NOTED, "the same, 200 aggregates", min(200, backlog)),
            (_SOLD, "ledger.post_event, each event of its own aggregate", backlog),
        )
        for count in workers
    ]


def _drain(
    site: Site, event_type: str, name: str, streams: int, backlog: int, count: int
) -> dict[str, Any]:
    """Let a backlog arrive, then time workers from the first event to the last."""
    turn = f"{streams}-{count}"
    for first in range(0, backlog, _BATCH):
        site.emit(event_type, turn, first, min(first + _BATCH, backlog) - 1, streams)
    waiting = "SELECT count(*) FROM events.pending"
    site.wait(waiting, backlog)
    # As autovacuum would have it, were it not for the minute that it sleeps.
    site.accounting.execute("VACUUM ANALYZE events.pending, events.event_store")
    since = value(site.accounting, "SELECT clock_timestamp()")
    with _workers(site, count):
        site.wait(waiting, 0)
        pids = site.accounting.execute(_BACKENDS.encode()).fetchall()
        spent = sum(cpu_ns(pid) for (pid,) in pids) / 1000
    taken = value(
        site.accounting,
        "SELECT extract(epoch FROM max(processed_at) - min(processed_at))"
        " FROM events.processed_events WHERE processed_at > %s",
        [since],
    )
    return {
        "name": name,
        "workers": count,
        "rate": backlog / float(taken),
        "cpu": spent / backlog,
    }
