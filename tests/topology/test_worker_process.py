"""`pgerp services worker` on one database: woken, stopped, cut off, several at once."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from pgerp import workloop
from pgerp.db import connect, parse_url
from pgerp.server import EmbeddedServer
from pgerp.services import worker as module
from pgerp.services.topology import Service
from tests.events.support import arrive, open_shop, seen
from tests.ledger.books import Books
from tests.pgtap import is_empty, value
from tests.servers import Server
from tests.topology.workers import BUSY, SESSIONS, until, wait_for, working, write_topology

DONE = "SELECT count(*) FROM events.processed_events"
PENDING = "SELECT count(*) FROM events.pending"
WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    f" AND application_name = '{module.NAME}' AND state = 'idle'"
)


# What a worker calls, on a server of its own that need not have all the rest.
STAND_INS = """
CREATE SCHEMA events;
CREATE TABLE events.waiting (id bigint GENERATED ALWAYS AS IDENTITY);
CREATE TABLE events.done (id bigint);
CREATE FUNCTION events.tenants_with_work() RETURNS SETOF integer LANGUAGE sql AS
    'SELECT 1 WHERE EXISTS (SELECT FROM events.waiting)';
CREATE FUNCTION events.work(
    integer, integer, OUT handled integer, OUT failed integer, OUT parked integer
) LANGUAGE sql AS $$
    WITH gone AS (DELETE FROM events.waiting RETURNING id),
        done AS (INSERT INTO events.done SELECT id FROM gone RETURNING id)
    SELECT count(*)::integer, 0, 0 FROM done $$;
"""


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
    monkeypatch.setattr(workloop, "IDLE_S", 3600.0)
    stop = Event()
    thread = Thread(target=lambda: module.run(shop.service, stop, say=print))
    thread.start()
    try:
        until(shop.conn, WAITS, 1)
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


def test_a_signal_lets_the_present_transaction_be_finished(shop: Shop) -> None:
    shop.act("PERFORM pg_sleep(0.01);")
    with shop.conn.transaction():
        for number in range(4 * module.BATCH):
            arrive(shop.conn, shop.books, f"s-{number}")
    with working(shop.topology, shop.service) as worker:
        busy(shop)
        code, text, took = worker.terminate()
    handled = value(shop.conn, DONE)
    assert (code, text) == (0, f"{handled} handled, 0 failed, 0 parked\n")
    assert took < workloop.GRACE_S
    assert handled in (module.BATCH, 2 * module.BATCH)
    assert len(seen(shop.conn)) == handled
    assert value(shop.conn, PENDING) == 4 * module.BATCH - handled


def test_a_signal_rolls_back_what_takes_too_long(shop: Shop) -> None:
    shop.act("PERFORM pg_sleep(600);")
    shop.arrive()
    with working(shop.topology, shop.service, grace_s=0.3) as worker:
        busy(shop)
        code, text, took = worker.terminate()
    assert (code, text) == (0, "0 handled, 0 failed, 0 parked\n")
    assert took < 0.3 + workloop.LAST_S
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
        time.sleep(0.8)
        gate.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        until(shop.conn, DONE, 2)
        # And when it waits for work.
        until(shop.conn, f"{WAITS} AND state_change < clock_timestamp() - interval '100 ms'", 1)
        assert value(shop.conn, cut) == 1
        shop.arrive("s-3")
        until(shop.conn, DONE, 3)
        code, text, _ = worker.terminate()
    assert code == 0
    pauses = [line.split("trying again in ")[1] for line in text.splitlines()[:-1]]
    # It was refused, and waited longer; after a success it begins anew.
    assert pauses[:2] == ["0.2 s", "0.4 s"]
    assert pauses[-1] == "0.2 s"
    assert len(seen(shop.conn)) == 3


def test_what_fails_at_the_end_of_a_transaction_holds_up_its_own_tenant(shop: Shop) -> None:
    shop.conn.execute(
        "CREATE TABLE shop.parts (id integer PRIMARY KEY, whole integer REFERENCES shop.parts"
        " DEFERRABLE INITIALLY DEFERRED); ALTER TABLE shop.parts OWNER TO pgerp_owner"
    )
    shop.act(f"IF p_event.tenant_id = {shop.books.tenant_id} THEN"
             " INSERT INTO shop.parts VALUES (1, 2); END IF;")  # fmt: skip
    other = Books(value(shop.conn, "SELECT identity.create_tenant('Other')"), "", 0)
    with working(shop.topology, shop.service) as worker:
        with shop.conn.transaction():
            arrive(shop.conn, shop.books)
            arrive(shop.conn, other)
        until(shop.conn, "SELECT count(*) FROM shop.seen", 1)
        # It goes on, and does the rest when the cause is mended.
        with shop.conn.transaction():
            arrive(shop.conn, other, "s-2")
        until(shop.conn, "SELECT count(*) FROM shop.seen", 2)
        assert value(shop.conn, PENDING) == 1
        shop.act("")
        until(shop.conn, DONE, 3)
        code, text, _ = worker.terminate()
    assert code == 0
    assert "violates foreign key constraint" in text
    assert text.splitlines()[-1] == "3 handled, 0 failed, 0 parked"


def test_a_worker_goes_on_after_its_server_was_restarted(server_directory: Path) -> None:
    own = EmbeddedServer(server_directory, durable=False)
    url = own.start()
    try:
        with connect(url) as conn:
            conn.execute(STAND_INS)
        service = Service("shop", frozenset(), url)
        stop, said = Event(), list[str]()
        thread = Thread(target=lambda: module.run(service, stop, say=said.append))
        thread.start()
        try:
            for number in (1, 2):
                with connect(url) as conn:
                    conn.execute("INSERT INTO events.waiting DEFAULT VALUES")
                    until(conn, "SELECT count(*) FROM events.done", number)
                own.stop()
                wait_for(lambda: bool(said), lambda: "it did not notice")
                own.start()
            with connect(url) as conn:
                until(conn, f"SELECT count(*) FROM ({SESSIONS}) AS s", 1)
        finally:
            stop.set()
            thread.join(5)
        assert not thread.is_alive()
    finally:
        own.stop()
