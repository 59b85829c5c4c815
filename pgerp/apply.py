"""Applying one migration, and undoing one: a file is a transaction, its ledger rows are in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import Error, OperationalError

from pgerp import history, nontransactional
from pgerp.errors import PgerpError
from pgerp.headers import parse_headers
from pgerp.migrations import Migration
from pgerp.script import ScriptError, describe, run_script
from pgerp.sqltext import Statement, display, guard, read
from pgerp.transaction import Worker, role_sql


def apply(worker: Worker, migration: Migration, *, interrupted: bool = False) -> None:
    """Apply one migration, whole or not at all.

    Args:
        worker: The runner's connection.
        migration: The migration.
        interrupted: An earlier run began its non-transactional statement and did not end it.

    Raises:
        PgerpError: it cannot be applied: with file:line, the statement, SQLSTATE and remedy.
    """
    if migration.transactional:
        _apply_in_transaction(worker, migration)
    else:
        _apply_outside(worker, migration, interrupted)


def rollback_script(migration: Migration) -> tuple[str, list[Statement]]:
    """Return the text and the statements of a migration's rollback file.

    Raises:
        PgerpError: there is no such file, or it holds what cannot be sent.
    """
    path = migration.rollback
    if path is None:
        raise PgerpError(
            "the migration has no rollback file",
            where=migration.where,
            hint=f"Write {display(migration.path.with_suffix('.rollback.sql'))}, or undo it by a"
            " new migration.",
        )
    text = read(path)
    parse_headers(text, display(path), ())
    return text, guard(text, display(path))


def undo(
    worker: Worker,
    migration: Migration,
    before: Callable[[], None],
    after: Callable[[], None],
) -> None:
    """Run a migration's rollback file and take it out of the ledger, in one transaction.

    Args:
        worker: The runner's connection.
        migration: The migration.
        before: Runs first in the transaction, as the ledger's role.
        after: Runs last in it, as the ledger's role.

    Raises:
        PgerpError: it cannot be undone; nothing was.
    """
    text, statements = rollback_script(migration)
    assert migration.rollback is not None
    where = display(migration.rollback)

    def work() -> str:
        before()
        run_script(worker.conn, role_sql(migration.project.owner, local=True), "BEGIN")
        run_script(worker.conn, text)
        run_script(worker.conn, role_sql(worker.ledger_role, local=True), "BEGIN")
        after()
        return history.removed_sql(migration.id, "down")

    with _explained(worker, where, text, statements):
        worker.transact(worker.ledger_role, work, migration.id)


def _apply_in_transaction(worker: Worker, migration: Migration) -> None:
    def work() -> str:
        run_script(worker.conn, migration.sql)
        return history.applied_sql(migration, "applied", "up")

    statements = migration.statements
    with _explained(worker, migration.where, migration.sql, statements):
        worker.transact(migration.project.owner, work, migration.id)


def _apply_outside(worker: Worker, migration: Migration, interrupted: bool) -> None:
    """Run the single statement of a file that PostgreSQL refuses in a transaction."""
    statement = nontransactional.check(migration)
    if not interrupted:
        nontransactional.refuse_existing(worker.conn, migration, statement)
    elif not nontransactional.is_known(statement):
        raise interrupted_error(migration)
    with _explained(worker, migration.where, migration.sql, migration.statements):
        if not interrupted:
            _record(worker, history.applied_sql(migration, "running", "up"), migration)
        _run_outside(worker, migration, statement, interrupted)
        _record(worker, history.applied_sql(migration, "applied", "up"), migration)


def interrupted_error(migration: Migration) -> PgerpError:
    """Return the error for a statement of which nobody can tell how far it came."""
    statement = migration.statements[0]
    return PgerpError(
        "the statement was begun by an earlier run, and its end is not known",
        where=f"{migration.where}:{statement.line}",
        statement=statement.text,
        hint="Look at the database. Undo what it left and run pgerp repair --reason …, so that it"
        " is run again; or, if it is complete, mark it so with --as-applied.",
    )


def _run_outside(worker: Worker, migration: Migration, statement: str, interrupted: bool) -> None:
    """Run the statement in autocommit mode as the project's owner; go on where it was cut short."""
    patient = nontransactional.blocks_nobody(statement)
    prologue = (
        f"{role_sql(migration.project.owner, local=False)}"
        f"SET lock_timeout = {0 if patient else worker.settings.lock_timeout_ms}"
    )
    again = interrupted

    def attempt() -> None:
        nonlocal again
        progress = nontransactional.Progress("absent")
        if again:
            progress = nontransactional.inspect(worker.conn, statement)
        if progress.leftover:
            worker.on_wait(f"{migration.id}: goes on after a failure, found {progress.leftover}")
        again = True
        if progress.state != "done":
            run_script(worker.conn, prologue, "BEGIN")
            for text in (*progress.before, progress.instead or migration.sql):
                run_script(worker.conn, text)

    try:
        if nontransactional.is_known(statement):
            worker.retry(attempt, migration.id)
        else:
            attempt()
    except (ScriptError, PgerpError):
        # Nothing is left of it: as if it had never begun, so that the file may be corrected.
        if nontransactional.inspect(worker.conn, statement).state == "absent":
            _record(worker, history.removed_sql(migration.id, "clear", yoyo=False), migration)
        raise


def _record(worker: Worker, statements: str, migration: Migration) -> None:
    worker.transact(worker.ledger_role, lambda: statements, migration.id)


@contextmanager
def _explained(worker: Worker, where: str, sql: str, statements: list[Statement]) -> Iterator[None]:
    """Turn what fails in the block into the user's error, with the place in a file."""
    try:
        yield
    except ScriptError as error:
        raise describe(error, sql, statements, where) from None
    except OperationalError as error:
        if not worker.conn.closed:
            raise
        raise connection_lost(error, where) from None


def connection_lost(error: Error, where: str) -> PgerpError:
    """Return the error for a server that went away in the middle of something."""
    lines = str(error).strip().splitlines()
    return PgerpError(
        "the connection to the server was lost",
        where=where,
        sqlstate=error.sqlstate or "08006",
        detail=f"{lines[0].rstrip('.')}." if lines else None,
        hint="When the server is back run the same command again: it finds out what was"
        " committed, and goes on from there.",
    )
