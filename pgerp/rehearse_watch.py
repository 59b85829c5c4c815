"""What a statement does to relations that were there before: locks, rewrites, scans.

Locks are read by a second session, so that looking takes none in the first. Scans are what the
server itself tells at debug level ("verifying table", "building index", …): exact where reading
the SQL would only guess, as when a valid CHECK spares SET NOT NULL its scan.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from pgerp.rehearse_facts import MODES, STRENGTH, Lock, Seen, Work

Connection = psycopg.Connection[Any]
Row = tuple[Any, ...]

STORED = frozenset({"r", "m", "i"})
SAMPLE_S = 0.002
SNAPSHOT_HELD_S = 2.0

_RELATIONS = r"""
SELECT
    c.oid, format('%I.%I', n.nspname, c.relname), c.relname, c.relkind::text, c.relfilenode,
    i.indrelid
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'pgerp')
"""
_LOCKS = """
SELECT l.relation, l.mode
FROM pg_locks AS l
WHERE l.pid = %s AND l.locktype = 'relation' AND l.granted
    AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
"""
_WAITS = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
_SCANS = (
    ("check rows", re.compile(r'verifying table "(?P<table>.+)"$')),
    ("check foreign key", re.compile(r'validating foreign key constraint "(?P<detail>.+)"$')),
    ("build index", re.compile(r'building index "(?P<detail>.+)" on table "(?P<table>.+)" ')),
)
_CONSTRAINED = "SELECT k.conrelid FROM pg_constraint AS k WHERE k.contype = 'f' AND k.conname = %s"


@dataclass(frozen=True)
class Relation:
    """One relation of the copy."""

    oid: int
    name: str
    short_name: str
    kind: str
    filenode: int
    table: int | None


class Watch:
    """Sees what the statements of one session do.

    Args:
        worker: The session that runs them, a superuser's; gets `client_min_messages = debug1`.
        observer: A second session in the same database, in autocommit mode.
        third: Another one, for transactions that CONCURRENTLY has to wait for.
    """

    def __init__(self, worker: Connection, observer: Connection, third: Connection) -> None:
        self.worker = worker
        self.observer = observer
        self.third = third
        # By name: REINDEX CONCURRENTLY puts a new index, with a new oid, in the old one's place.
        self.original = {one.name for one in self._relations(observer).values()}
        self._told: list[str] = []
        self._started = 0.0
        self._before: dict[int, Relation] = {}
        self._known: dict[int, Relation] = {}
        self._held: dict[int, int] = {}
        worker.execute("SET client_min_messages = debug1")
        worker.add_notice_handler(lambda diag: self._told.append(diag.message_primary or ""))

    def begin_file(self) -> None:
        """Take what is there now as the relations that live users could feel."""
        self._before = self._known = self._relations(self.observer)
        self._held = {}

    def start(self) -> None:
        """Begin a step inside a transaction of the worker."""
        self._told.clear()
        self._started = time.perf_counter()

    def finish(self) -> Seen:
        """End the step that `start` began."""
        duration = (time.perf_counter() - self._started) * 1000
        return self._seen(duration, self._locks())

    def run(self, statement: Callable[[], None]) -> Seen:
        """Run one statement inside a transaction of the worker."""
        self.start()
        statement()
        return self.finish()

    def run_alone(self, statement: Callable[[], None]) -> Seen:
        """Run one statement outside a transaction, sampling its locks while it runs.

        An older snapshot, held until it is waited for, makes CREATE INDEX CONCURRENTLY and REINDEX
        CONCURRENTLY stop where their lock can be seen. Locks of indexes are left out: the old one
        is locked fully for a moment, when it is dead already and nobody can see it.
        """
        self._told.clear()
        with self.third.transaction():
            self.third.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self.third.execute("SELECT 1")
            thread = _Thread(statement)
            thread.start()
            locks: dict[int, int] = {}
            self._sample(thread, locks, until_waiting=True)
        self._sample(thread, locks, until_waiting=False)
        thread.join()
        if thread.error is not None:
            raise thread.error
        tables = {oid: one for oid, one in locks.items() if not self._is_index(oid)}
        return self._seen(thread.duration_ms, tables)

    def _sample(self, thread: _Thread, locks: dict[int, int], *, until_waiting: bool) -> None:
        """Collect locks until the statement ends, or waits for the older snapshot."""
        deadline = time.monotonic() + SNAPSHOT_HELD_S
        while thread.is_alive():
            # First whether it waits, then the locks: those of a statement that waits are all seen.
            row = self.observer.execute(_WAITS, (self.worker.info.backend_pid,)).fetchone()
            for oid, strength in self._locks().items():
                locks[oid] = max(strength, locks.get(oid, 0))
            if until_waiting and ((row and row[0] == "Lock") or time.monotonic() > deadline):
                return
            thread.join(SAMPLE_S)

    def _seen(self, duration_ms: float, locks: dict[int, int]) -> Seen:
        after = self._relations(self.worker)
        new_locks = [
            Lock(name, list(MODES)[strength], name not in self.original)
            for oid, strength in locks.items()
            if strength > self._held.get(oid, -1) and self._matters(oid, locks)
            for name in [self._before[oid].name]
        ]
        self._held |= locks
        rewritten = self._rewritten(after)
        work = rewritten + self._scans(locks, {one.relation for one in rewritten})
        creates = [one.name for oid, one in after.items() if oid not in self._known]
        self._known = after
        new_locks.sort(key=lambda lock: (-STRENGTH[lock.mode], lock.relation))
        return Seen(duration_ms, new_locks, work, sorted(creates))

    def _is_index(self, oid: int) -> bool:
        return oid in self._before and self._before[oid].table is not None

    def _matters(self, oid: int, locks: dict[int, int]) -> bool:
        """Leave out what is new in this file, and locks of indexes that only follow the table's."""
        relation = self._before.get(oid)
        if relation is None or relation.table is None:
            return relation is not None
        least = max(STRENGTH["SHARE UPDATE EXCLUSIVE"], locks.get(relation.table, -1) + 1)
        return locks[oid] >= least

    def _rewritten(self, after: dict[int, Relation]) -> list[Work]:
        """Return relations whose storage was replaced; an index only where its table was not."""
        changed = {
            oid: one
            for oid, one in self._known.items()
            if oid in self._before and oid in after and after[oid].filenode != one.filenode
            if one.kind in STORED
        }
        return [
            Work(one.name, "rewrite" if one.table is None else "rebuild")
            for one in changed.values()
            if one.table not in changed
        ]

    def _scans(self, locks: dict[int, int], rewritten: set[str]) -> list[Work]:
        """Return the scans that the server told of, of tables that existed before the file."""
        tables = {
            self._before[oid].short_name: self._before[oid].name
            for oid in locks
            if oid in self._before and self._before[oid].table is None
        }
        found: dict[Work, None] = {}
        for what, pattern in _SCANS:
            for match in filter(None, map(pattern.match, self._told)):
                parts = match.groupdict()
                detail = parts.get("detail", "")
                name = tables.get(parts.get("table", "")) or self._constrained(what, detail)
                if name is not None and name not in rewritten:
                    found[Work(name, what, detail)] = None
        return list(found)

    def _constrained(self, what: str, constraint: str) -> str | None:
        """Return the table of a foreign key that was just made, if the table is not new."""
        if what != "check foreign key":
            return None
        rows = self.worker.execute(_CONSTRAINED, (constraint,)).fetchall()
        names = [self._before[row[0]].name for row in rows if row[0] in self._before]
        return names[0] if names else None

    def _locks(self) -> dict[int, int]:
        """Return the relations that the worker has locked, with the strongest mode's strength."""
        locks: dict[int, int] = {}
        for oid, mode in self.observer.execute(_LOCKS, (self.worker.info.backend_pid,)):
            strength = STRENGTH[_mode(mode)]
            locks[oid] = max(strength, locks.get(oid, 0))
        return locks

    def _relations(self, conn: Connection) -> dict[int, Relation]:
        with conn.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(_RELATIONS).fetchall()
        return {row[0]: Relation(*row) for row in rows}


class _Thread(threading.Thread):
    """Runs a statement, keeps its error and its time."""

    def __init__(self, statement: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.statement = statement
        self.error: BaseException | None = None
        self.duration_ms = 0.0

    def run(self) -> None:
        started = time.perf_counter()
        try:
            self.statement()
        except BaseException as error:
            self.error = error
        self.duration_ms = (time.perf_counter() - started) * 1000


def _mode(name: str) -> str:
    """Return "ACCESS EXCLUSIVE" for AccessExclusiveLock."""
    return " ".join(re.findall(r"[A-Z][a-z]+", name.removesuffix("Lock"))).upper()
