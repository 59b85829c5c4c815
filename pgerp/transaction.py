"""Transactions that never make others wait longer than the lock timeout, and are tried again.

`SET LOCAL lock_timeout` bounds how long our DDL stands in a lock's queue, where everybody who
comes later waits behind it. When it runs out the whole transaction is rolled back and tried again
after a pause of random length; when all tries are used up, the session that blocked us is named.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
from psycopg import pq, sql

from pgerp.blocking import BlockMonitor
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.lock import acquire, detect_dead_client
from pgerp.script import ScriptError, run_script

RETRIED = {"55P03", "40P01", "40001"}
"""lock_not_available, deadlock_detected, serialization_failure."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 4.0


@dataclass(frozen=True)
class Settings:
    """How patient the runner is.

    Attributes:
        lock_wait_s: How long it waits for another runner, in seconds.
        lock_timeout_ms: How long one statement may wait for a lock, in milliseconds.
        retries: How often a transaction is tried again after such a timeout.
    """

    lock_wait_s: float = 600.0
    lock_timeout_ms: int = 500
    retries: int = 20


class Worker:
    """The runner's connection with its patience and its watch over who blocks it.

    Args:
        conn: The connection, in autocommit mode, that holds the runner's lock.
        settings: How patient to be.
        monitor: Watches `conn` while it works.
        ledger_role: Role that owns the runner's tables; None = the session's own.
        on_wait: Called with one sentence when a transaction has to be tried again.
    """

    def __init__(
        self,
        conn: Connection,
        settings: Settings,
        monitor: BlockMonitor,
        ledger_role: str | None,
        on_wait: Callable[[str], None],
    ) -> None:
        self.conn = conn
        self.settings = settings
        self.monitor = monitor
        self.ledger_role = ledger_role
        self.on_wait = on_wait
        # What a file sets for its session must not reach the next file, nor our own queries.
        self._reset_sql = (
            "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;"
            f" SET client_connection_check_interval = {detect_dead_client(conn)};"
            " SET standard_conforming_strings = on"
        )
        run_script(conn, self._reset_sql)

    def transact(self, owner: str | None, work: Callable[[], str | None], what: str) -> None:
        """Run `work` in one transaction, and try again while locks are not to be had.

        Args:
            owner: Role to work as; None = the session's own.
            work: Does the work on `conn`; returns SQL to send together with COMMIT, for the
                runner's own tables.
            what: What is being done, for messages.

        Raises:
            PgerpError: locks were not to be had in any try; or what `work` raises.
            ScriptError: what `work` raises; the transaction is rolled back.
        """
        self.retry(lambda: self._attempt(owner, work), what)

    def retry(self, attempt: Callable[[], None], what: str) -> None:
        """Run `attempt` until it gets its locks; see `transact`."""
        for turn in range(self.settings.retries + 1):
            try:
                with self.monitor.watch():
                    attempt()
            except (ScriptError, psycopg.Error) as error:
                cause = error.cause if isinstance(error, ScriptError) else error
                if not self._is_transient(cause):
                    raise
                if turn == self.settings.retries:
                    raise self._gave_up(cause, what) from None
                pause = min(_FIRST_PAUSE_S * 1.5**turn, _LONGEST_PAUSE_S) * random.uniform(0.5, 1.5)
                self.on_wait(
                    f"{what}: {_sqlstate_words(cause)}; {self._who()};"
                    f" try {turn + 2} of {self.settings.retries + 1} in {pause:.1f} s"
                )
                time.sleep(pause)
            else:
                return

    def _attempt(self, owner: str | None, work: Callable[[], str | None]) -> None:
        with rolled_back_on_error(self.conn):
            begin = f"BEGIN; SET LOCAL lock_timeout = {self.settings.lock_timeout_ms};"
            run_script(self.conn, f"{begin} {role_sql(owner, local=True)}", "BEGIN")
            closing = work()
            if self.conn.info.transaction_status != pq.TransactionStatus.INTRANS:
                raise PgerpError(
                    "the transaction was ended from within",
                    hint="Remove whatever commits or rolls back: the runner does that.",
                )
            if closing:
                role = role_sql(self.ledger_role, local=True)
                as_ledger = (
                    f"RESET SESSION AUTHORIZATION; {role}SET LOCAL search_path = pg_catalog;"
                )
                closing = f"{as_ledger}\n{closing}"
            run_script(self.conn, f"{closing or ''}COMMIT; {self._reset_sql}", "COMMIT")

    def _is_transient(self, error: psycopg.Error) -> bool:
        # DDL on roles and privileges of two databases at once ends in this internal error.
        at_once = error.sqlstate == "XX000" and "concurrently" in str(error)
        return at_once or error.sqlstate in RETRIED

    def _who(self) -> str:
        return "; ".join(map(str, self.monitor.blockers)) or "who holds it was not seen"

    def _gave_up(self, error: psycopg.Error, what: str) -> PgerpError:
        blockers = self.monitor.blockers
        end = f"SELECT pg_terminate_backend({blockers[0].pid})" if blockers else ""
        return PgerpError(
            f"{_sqlstate_words(error)} in {self.settings.retries + 1} tries",
            where=what,
            sqlstate=error.sqlstate,
            detail=f"Blocked by {self._who()}." if blockers else None,
            hint="Nothing of it was done. Run the same command again when that session is done"
            + (f", or end it with {end}." if end else ", or give more --retries."),
        )


@contextmanager
def open_worker(
    connect: Callable[[], Connection],
    ledger_role: str | None,
    settings: Settings,
    on_wait: Callable[[str], None],
) -> Iterator[Worker]:
    """Connect, take the runner's lock, and give both back at the end.

    Args:
        connect: Opens a connection in autocommit mode; called again to watch who blocks us.
        ledger_role: See `Worker`.
        settings: How patient to be.
        on_wait: Called with one sentence whenever there is something to wait for.

    Raises:
        PgerpError: see `pgerp.lock.acquire`.
    """
    with connect() as conn:
        monitor = BlockMonitor(connect, conn.info.backend_pid, settings.lock_timeout_ms)
        try:
            acquire(conn, settings.lock_wait_s, on_wait)
            yield Worker(conn, settings, monitor, ledger_role, on_wait)
        except (KeyboardInterrupt, SystemExit):
            _abandon(conn)
            raise
        finally:
            monitor.close()


def _abandon(conn: Connection) -> None:
    """Cancel the statement that runs, if one does, and end the session: the server rolls back."""
    with suppress(psycopg.Error):
        if conn.info.transaction_status == pq.TransactionStatus.ACTIVE:
            conn.cancel_safe(timeout=5)
    conn.close()


@contextmanager
def rolled_back_on_error(conn: Connection) -> Iterator[None]:
    """Roll the open transaction back when the block fails."""
    try:
        yield
    except Exception:
        if not conn.closed and conn.info.transaction_status != pq.TransactionStatus.IDLE:
            run_script(conn, "ROLLBACK")
        raise


def role_sql(role: str | None, *, local: bool) -> str:
    """Return the statement by which a session works as `role`; None = as itself."""
    if role is None:
        return "RESET ROLE;\n"
    return f"SET {'LOCAL ' if local else ''}ROLE {sql.Identifier(role).as_string()};\n"


def _sqlstate_words(error: psycopg.Error) -> str:
    words = {"40P01": "deadlock", "40001": "serialization failure", "55P03": "lock not to be had"}
    return words.get(error.sqlstate or "", "concurrent change of the catalog")
