"""`pgerp services worker` on one database: woken, stopped, cut off, several at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from pgerp.db import connect, parse_url
from pgerp.services import worker as module
from pgerp.services.topology import Service
from tests.events.support import arrive, open_shop, seen
from tests.ledger.books import Books
from tests.pgtap import is_empty, value
from tests.servers import Server
from tests.topology.workers import BUSY, SESSIONS, until, wait_for, working, write_topology

DONE = "SELECT count(*) FROM events.processed_events"
PENDING = "SELECT count(*) FROM events.pending"


class Shop:
    """The shop with its database, in which events of elsewhere arrive."""

    def __init__(self, conn: psycopg.Connection, url: str, folder: Path) -> None:
        self.conn = conn
        with conn.transaction():
            self.books: Books = open_shop(conn)
        self.service = Service("shop", frozenset({"shop"}), url)
        self.topology = write_topology(folder / "topology.toml", [self.service])

    def arrive(self, aggregate: str = "s-1", version: int = 1) -> None:
        with self.conn.transaction():
            arrive(self.conn, self.books, aggregate, version)

    def act(self, action: str) -> None:
        """Have the handler do something before it notes what it sees, and for whom."""
        self.conn.execute(
            "CREATE OR REPLACE FUNCTION shop.note(p_event events.event_store) RETURNS jsonb"
            f" LANGUAGE plpgsql AS $$ BEGIN {action}"
            " INSERT INTO shop.seen (aggregate_id, version, handler)"
            " VALUES (p_event.aggregate_id, p_event.aggregate_version, pg_backend_pid());"
            " RETURN 'null'; END $$"
        )


@pytest.fixture
def shop(clone: str, tmp_path: Path) -> Iterator[Shop]:
    with connect(clone) as conn:
        yield Shop(conn, clone, tmp_path)


def busy(shop: Shop) -> None:
    """Return when a worker is in the midst of an event."""
    wait_for(lambda: bool(shop.conn.execute(BUSY).fetchall()), lambda: "no worker is busy")


def test_what_arrives_wakes_a_worker_that_waits(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE_S", 3600.0)
    stop = Event()
    thread = Thread(target=lambda: module.run(shop.service, stop, say=print))
    thread.start()
    try:
        until(shop.conn, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
              " AND application_name = 'pgerp_worker' AND state = 'idle'", 1)  # fmt: skip
        for number in range(1, 6):
            shop.arrive(version=number)
            assert until(shop.conn, DONE, number) < 2
        # What arrives while it works wakes it too: it is not asleep when the note comes.
        shop.act("PERFORM pg_sleep(0.2);")
        shop.arrive("s-2")
        busy(shop)
        shop.arrive("s-3")
        assert until(shop.conn, DONE, 7) < 5
    finally:
        stop.set()
        thread.join(5)


def test_four_workers_share_a_backlog_and_keep_each_stream_in_order(shop: Shop) -> None:
    shop.act("PERFORM pg_sleep(0.002);")
    with (
        working(shop.topology, shop.service, workers=2) as one,
        working(shop.topology, shop.service, workers=2) as other,
    ):
        until(shop.conn, f"SELECT count(*) FROM ({SESSIONS}) AS s", 4)
        with shop.conn.transaction():
            for version in (2, 1, 3):
                for stream in range(220):
                    arrive(shop.conn, shop.books, f"s-{stream}", version)
        until(shop.conn, PENDING, 0)
        sayings = [one.terminate(), other.terminate()]
    assert [code for code, _, _ in sayings] == [0, 0]
    # Each says what it handled: together every event, and once.
    assert sum(int(text.split()[0]) for _, text, _ in sayings) == 660
    streams = defaultdict(list)
    for aggregate, version in seen(shop.conn):
        streams[aggregate].append(version)
    assert len(streams) == 220
    assert all(versions == [1, 2, 3] for versions in streams.values())
    assert value(shop.conn, DONE) == 660
    assert value(shop.conn, "SELECT count(DISTINCT handler) FROM shop.seen") == 4
    # Side by side: not one worker's events, then another's.
    turns = "SELECT count(*) FROM (SELECT handler <> lag(handler) OVER (ORDER BY place) AS is_turn"
    assert value(shop.conn, f"{turns} FROM shop.seen) AS t WHERE is_turn") > 30


def test_a_signal_lets_the_present_events_be_finished(shop: Shop) -> None:
    shop.act("PERFORM pg_sleep(0.5);")
    shop.arrive()
    with working(shop.topology, shop.service) as worker:
        busy(shop)
        code, text, took = worker.terminate()
    assert (code, text) == (0, "1 handled, 0 failed, 0 parked\n")
    assert took < module.GRACE_S
    assert seen(shop.conn) == [("s-1", 1)]


def test_a_signal_rolls_back_what_takes_too_long(shop: Shop) -> None:
    shop.act("PERFORM pg_sleep(600);")
    shop.arrive()
    with working(shop.topology, shop.service, grace_s=0.3) as worker:
        busy(shop)
        code, text, took = worker.terminate()
    assert (code, text) == (0, "0 handled, 0 failed, 0 parked\n")
    assert took < 0.3 + module.LAST_S
    is_empty(shop.conn, SESSIONS)
    assert seen(shop.conn) == []
    # Nothing is lost, and nothing held against the event.
    assert value(shop.conn, "SELECT attempts FROM events.pending") == 0
    shop.act("")
    with working(shop.topology, shop.service):
        until(shop.conn, DONE, 1)


def test_a_worker_without_work_ends_at_once(shop: Shop) -> None:
    with working(shop.topology, shop.service, workers=3) as worker:
        until(shop.conn, f"SELECT count(*) FROM ({SESSIONS}) AS s", 3)
        code, text, took = worker.terminate()
    assert (code, text) == (0, "0 handled, 0 failed, 0 parked\n")
    assert took < 2


def test_a_worker_comes_back_after_its_connection_was_cut(shop: Shop, server: Server) -> None:
    shop.act("PERFORM pg_sleep(0.3);")
    shop.arrive()
    cut = f"SELECT count(pg_terminate_backend(pid)) FROM ({SESSIONS}) AS s"
    database = parse_url(shop.service.url)["dbname"]
    with working(shop.topology, shop.service) as worker, connect(server.url) as gate:
        busy(shop)
        # As a server that is down for a while: it refuses whoever comes.
        gate.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        assert value(shop.conn, cut) == 1
        shop.arrive("s-2")
        wait_for(lambda: worker.process.poll() is None)
        gate.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        until(shop.conn, DONE, 2)
        # And when it waits for work.
        assert value(shop.conn, cut) == 1
        shop.arrive("s-3")
        until(shop.conn, DONE, 3)
        code, text, _ = worker.terminate()
    assert code == 0
    assert text.count("trying again in") >= 2
    assert len(seen(shop.conn)) == 3
