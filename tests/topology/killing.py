"""Killing workers in the midst of events, while more events travel between three databases."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from tests.pgtap import value
from tests.topology.scenario import STAFF, Company, rows
from tests.topology.sites import Spread
from tests.topology.workers import BUSY, Worker, write_topology

# Handlers that can be doubled: they note what they see, and keep no count of their own.
PROBES = """
CREATE SCHEMA probe AUTHORIZATION pgerp_owner;
SET ROLE pgerp_owner;
CREATE TABLE probe.seen (
    place bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, aggregate_id text, version bigint
);
CREATE FUNCTION probe.note(p_event events.event_store) RETURNS jsonb LANGUAGE sql AS $$
    INSERT INTO probe.seen (event_id, aggregate_id, version)
    VALUES (p_event.id, p_event.aggregate_id, p_event.aggregate_version)
    RETURNING 'null'::jsonb $$;
RESET ROLE;
INSERT INTO events.subscriptions (event_type, handler)
SELECT code, 'probe.note' FROM events.event_types
WHERE aggregate_type = '{}' AND code NOT LIKE '%hired';
"""
PROBED = {"payroll": "employee", "ledger": "payroll_record"}
MODULES = ("hr", "payroll", "ledger")

# Has it written, in the transaction that is killed, that an event was acted upon?
RECORDED = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE pid = %s AND relation = 'events.processed_events'::regclass AND mode = 'RowExclusiveLock'
)"""
IS_OPEN = "SELECT pg_xact_status(%s::text::xid8) = 'in progress'"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND backend_xid = %s"
HOWS = ("process", "session", "both")


class Storm:
    """Workers of three services, a company that goes on working, and what kills workers.

    Args:
        company: Whose events travel; its site is a `Spread`.
        folder: For the topology file.
        seed: Decides who is killed, how, and when.
    """

    def __init__(self, company: Company, folder: Path, seed: int) -> None:
        assert isinstance(company.site, Spread)
        self.company, self.site = company, company.site
        self.dice = random.Random(seed)
        self.tally: Counter[str] = Counter()
        self.renamed = 0
        topology = write_topology(folder / "topology.toml", self.site.topology.services.values())
        for module, aggregate in PROBED.items():
            self.site.at(module).execute(PROBES.format(aggregate))
        self.workers = {module: Worker(topology, self.site.service(module)) for module in MODULES}

    def end(self) -> None:
        """Kill what still runs."""
        for worker in self.workers.values():
            worker.kill()

    def revive(self) -> None:
        """Start those anew that were killed."""
        for worker in self.workers.values():
            if worker.process.poll() is not None:
                worker.start()

    def rage(self, kills: int, *, among: Collection[str] = MODULES) -> None:
        """Kill workers in the midst of events so many times, while events keep coming."""
        done = 0
        end = time.monotonic() + 240
        while done < kills:
            assert time.monotonic() < end, f"only {done} kills hit a transaction: {self.tally}"
            # More than this would only have to be acted upon in the end.
            if value(self.site.at("payroll"), "SELECT count(*) FROM events.pending") < 200:
                for _ in range(3):
                    self.renamed += 1
                    number = self.dice.randint(1, STAFF)
                    self.company.rename(number, f"Name {self.renamed}")
            self.revive()
            for module in self.dice.sample(sorted(among), len(among)):
                busy = self.site.at(module).execute(BUSY).fetchall()
                if busy:
                    time.sleep(self.dice.uniform(0, 0.03))
                    done += self._kill(module, *busy[0])
                    break

    def _kill(self, module: str, pid: int, transaction: str) -> bool:
        """Kill a worker, its session, or both; return whether it was in that transaction."""
        conn, how = self.site.at(module), self.dice.choice(HOWS)
        recorded = value(conn, RECORDED, [pid])
        if how != "session":
            self.workers[module].process.kill()
        is_open = bool(value(conn, IS_OPEN, [transaction]))
        if how != "process":
            conn.execute(CUT, [pid, transaction]).fetchall()
        if how != "session":
            self.workers[module].kill()
        if not is_open:
            self.tally["too late"] += 1
            return False
        self.tally[how] += 1
        self.tally[module] += 1
        self.tally["recorded"] += recorded
        if how != "process":
            self._ended(module, transaction)
        return True

    def _ended(self, module: str, transaction: str) -> None:
        """See what became of the transaction of a session that was cut off."""
        conn = self.site.at(module)
        end = time.monotonic() + 10
        while value(conn, IS_OPEN, [transaction]):
            assert time.monotonic() < end, "a session does not end"
            time.sleep(0.002)
        status = value(conn, "SELECT pg_xact_status(%s::text::xid8)", [transaction])
        self.tally[str(status)] += 1

    def calm(self) -> None:
        """Let the workers do the rest, and end."""
        self.revive()
        end = time.monotonic() + 120
        quiet = 0
        # Twice: what one acts upon may be on its way to another.
        while quiet < 2:
            self.site.arrived()
            waiting = sum(
                value(self.site.at(module), "SELECT count(*) FROM events.pending")
                for module in MODULES
            )
            quiet = 0 if waiting else quiet + 1
            assert time.monotonic() < end, f"{waiting} events still wait"
            time.sleep(0.05)

    def problems(self) -> list[str]:
        """Return what was not acted upon once, or not in the order of its stream."""
        found = []
        for module in PROBED:
            conn = self.site.at(module)
            lost = rows(
                conn,
                "SELECT id FROM events.event_store WHERE event_type IN (SELECT event_type"
                " FROM events.subscriptions WHERE handler = 'probe.note')"
                " EXCEPT SELECT event_id FROM probe.seen",
            )
            found += [f"{module}: {event_id} is lost" for (event_id,) in lost]
            seen: set[object] = set()
            heads: dict[str, int] = {}
            for event_id, aggregate, version in rows(
                conn, "SELECT event_id, aggregate_id, version FROM probe.seen ORDER BY place"
            ):
                if event_id in seen:
                    found.append(f"{module}: {event_id} was acted upon twice")
                elif version < heads.get(aggregate, 0):
                    found.append(f"{module}: {event_id} came after a later one")
                seen.add(event_id)
                heads[aggregate] = version
            assert len(seen) >= STAFF
        return found
