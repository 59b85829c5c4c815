"""Sending entries to the ledger in batches, and comparing them with what is there already."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import NamedTuple

import psycopg

from pgerp.errors import PgerpError
from pgerp.importcheck import Finding
from pgerp.session import Cursor, TenantSession, database_error

_CALL = """
SELECT
    count(*) FILTER (WHERE r.is_new),
    count(*) FILTER (WHERE NOT r.is_new AND r.error IS NULL),
    jsonb_agg(jsonb_build_array(r.ordinal, r.sqlstate, r.error)) FILTER (WHERE r.error IS NOT NULL)
FROM ledger.create_journal_entries(%s::jsonb, %s) AS r
"""

_CHANGED = "ZL008"
"""SQLSTATE: the idempotency key was used for another request."""


# The planner knows nothing of rows that came since the last ANALYZE: to a tenant that is new it
# gives one row, and plans that are quadratic in the batches that follow. So: after the first batch,
# and each time the import has grown eightfold. 40,000 lines into a new tenant beside a million of
# another: 44 s without, 12 s with.
_ANALYZE = (
    "ANALYZE (SKIP_LOCKED) ledger.journal_entries, ledger.journal_lines,"
    " ledger.idempotency_keys, ledger.account_balances, ledger.accounts, ledger.fiscal_periods"
)
_GROWTH = 8

FIRST_BATCH = 500
"""Lines of the first batch at most: it is posted without statistics, the rest with them."""


class Sent(NamedTuple):
    """An entry on its way to the ledger.

    Attributes:
        line: The physical line on which it begins.
        number: The entry number in the file.
        request: The entry as JSON.
        findings: What the state of the books has against it, if it is not there already.
    """

    line: int
    number: str
    request: str
    findings: Sequence[Finding] = ()


class Outcome(NamedTuple):
    """What became of a batch: entries made, entries there already, entries refused and why."""

    new: int
    existing: int
    refused: list[tuple[Sent, str]]


class Comparison(NamedTuple):
    """How a batch stands to the books: there and equal, there but different, not there."""

    existing: int
    changed: list[tuple[Sent, str]]
    absent: list[Sent]


def compare(session: TenantSession, prefix: str, batch: Sequence[Sent]) -> Comparison:
    """Compare entries with the books, as the ledger itself sees it; write nothing.

    Args:
        session: The tenant.
        prefix: What the idempotency keys begin with, before the entry number.
        batch: The entries.
    """
    absent = {prefix + entry.number: entry for entry in batch}
    outcome = Outcome(0, 0, [])
    with session.transaction() as cursor:
        cursor.execute(
            "SELECT idempotency_key FROM ledger.idempotency_keys"
            " WHERE tenant_id = %s AND idempotency_key = ANY (%s)",
            (session.tenant_id, list(absent)),
        )
        there = [absent.pop(key) for (key,) in cursor]
        if there:
            outcome = _call(cursor, there, "skip_bad")
        raise psycopg.Rollback
    return Comparison(outcome.existing, outcome.refused, list(absent.values()))


def order_matters(session: TenantSession, accounts: Sequence[str]) -> bool:
    """Return whether an account has a limit, a version or a budget.

    Then an entry may be allowed only after the ones that stand before it in the file.
    """
    with session.transaction() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM ledger.accounts AS a"
            " WHERE a.tenant_id = %s AND a.is_watched AND a.code = ANY (%s))",
            (session.tenant_id, list(accounts)),
        )
        return cursor.fetchone() == (True,)


def _call(cursor: Cursor, batch: Sequence[Sent], mode: str) -> Outcome:
    """Call ledger.create_journal_entries in the open transaction of `cursor`."""
    cursor.execute(_CALL, (f"[{','.join(entry.request for entry in batch)}]", mode))
    row = cursor.fetchone()
    assert row is not None
    refused = []
    for ordinal, state, text in row[2] or []:
        entry = batch[ordinal - 1]
        reason = f"the ledger refuses entry {entry.number}: {text} (SQLSTATE {state})"
        if state == _CHANGED:
            reason = f"entry {entry.number} is in the books already with another content"
        refused.append((entry, reason))
    return Outcome(row[0], row[1], refused)


class Poster:
    """Posts batches, each in one transaction, as many at a time as there are sessions.

    Args:
        sessions: Sessions of the tenant, each on a connection of its own.
        skip_bad: Entries that the ledger refuses are left out; otherwise one stops everything.
        where: Makes `file:line` of a line, for messages.
        on_outcome: Called in the caller's thread, in the order of the batches, after each is
            committed or refused.
    """

    def __init__(
        self,
        sessions: Sequence[TenantSession],
        *,
        skip_bad: bool,
        where: Callable[[int], str],
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        self._jobs = len(sessions)
        self._idle: SimpleQueue[TenantSession] = SimpleQueue()
        for session in sessions:
            self._idle.put(session)
        self._mode = "skip_bad" if skip_bad else "atomic"
        self._where = where
        self._on_outcome = on_outcome
        self._stopped = False

    def run(self, batches: Iterable[list[Sent]]) -> None:
        """Post every batch, up to the first that is refused, and those that were under way then.

        The first is posted alone, since statistics follow it. The others begin in order, and the
        next one is prepared meanwhile.

        Raises:
            PgerpError: The server failed; what was committed before stays.
        """
        running: deque[Future[Outcome]] = deque()
        analyze_after = 1
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                for number, batch in enumerate(batches, start=1):
                    if number == 2:
                        self._settle(running, 0)
                    if self._stopped:
                        break
                    if number == analyze_after + 1:
                        analyzed = pool.submit(self._analyze)
                        if number == 2:
                            analyzed.result()
                        analyze_after *= _GROWTH
                    running.append(pool.submit(self._post, batch))
                    self._settle(running, self._jobs)
                self._settle(running, 0)
            except BaseException:
                self._stopped = True
                raise

    def _settle(self, running: deque[Future[Outcome]], most: int) -> None:
        """Tell the outcome of the oldest batches, until at most `most` are under way."""
        while len(running) > most:
            self._on_outcome(running.popleft().result())

    @contextmanager
    def _session(self) -> Iterator[TenantSession]:
        """Lend a session to the thread that works."""
        session = self._idle.get()
        try:
            yield session
        finally:
            self._idle.put(session)

    def _analyze(self) -> None:
        with self._session() as session:
            session.connection.execute(_ANALYZE)

    def _post(self, batch: list[Sent]) -> Outcome:
        if self._stopped:
            return Outcome(0, 0, [])
        with self._session() as session:
            try:
                with session.transaction() as cursor:
                    return _call(cursor, batch, self._mode)
            except psycopg.Error as error:
                self._stopped = True
                return Outcome(0, 0, self._explain(session, batch, error))

    def _explain(
        self, session: TenantSession, batch: list[Sent], error: psycopg.Error
    ) -> list[tuple[Sent, str]]:
        """Find out which entries of a refused batch are the reason, by a call that is undone."""
        refused: list[tuple[Sent, str]] = []
        if not session.connection.closed:
            try:
                with session.transaction() as cursor:
                    refused = _call(cursor, batch, "skip_bad").refused
                    raise psycopg.Rollback
            except psycopg.Error:
                refused = []
        if refused:
            return refused
        first = batch[0]
        failure = database_error(error, self._where(first.line))
        raise PgerpError(
            f"posting the entries {first.number} to {batch[-1].number} failed: {failure.message}",
            where=failure.where,
            sqlstate=failure.sqlstate,
            detail=failure.detail,
            hint="What was posted before stays; run the same command again to complete it.",
        ) from error
