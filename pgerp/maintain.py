"""What an operator has done to a ledger regularly: partitions ahead, clean-up, archiving.

The work is done by functions in the database. This calls those that it has, each in a transaction
of its own that is tried again while locks are not to be had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from pgerp.history import Connection
from pgerp.session import (
    TenantSession,
    database_error,
    has_ledger,
    require_ledger,
    require_tenants,
    tenant_names,
)
from pgerp.transaction import Settings, Worker, open_worker

OWNER = "pgerp_owner"
"""Who the functions work as; each becomes it by itself, or is called as it."""


@dataclass(frozen=True)
class Obstacle:
    """One year and tenant of the live journal, and whether it can be archived.

    Attributes:
        year: The year in which the entries were made.
        tenant: The tenant's name.
        entries: How many entries of the tenant it has.
        sqlstate: Why it cannot be archived, by its code; None when it can.
        problem: The same in words.
    """

    year: int
    tenant: str
    entries: int
    sqlstate: str | None
    problem: str | None


def maintain(
    connect: Callable[[], Connection],
    *,
    years_ahead: int,
    settings: Settings,
    say: Callable[[str], None],
    wait: Callable[[str], None],
) -> None:
    """Make partitions ahead, remove what is too old, expire holds, fold balances, and so on.

    Args:
        connect: Opens a connection in autocommit mode, as a member of pgerp_migrator.
        years_ahead: For how many years after this one there are to be partitions.
        settings: How patient to be.
        say: Called with one line for each thing done.
        wait: Called with one sentence whenever there is something to wait for.

    Raises:
        PgerpError: the database is not pgerp's, locks were not to be had, or a step failed.
    """
    with open_worker(connect, None, settings, wait) as worker:
        require_tenants(worker.conn)
        if not _make_partitions(worker, years_ahead, say):
            say("partitions: all there")
        if _has(worker.conn, "audit.remove_expired(integer)"):
            _remove_old_log(worker, say)
        if _has(worker.conn, "ledger.expire_holds(integer)"):
            for tenant, tenant_id in tenant_names(worker.conn).items():
                with TenantSession(worker.conn, tenant_id).transaction() as cursor:
                    cursor.execute("SELECT ledger.expire_holds()")
                    row = cursor.fetchone()
                if row and row[0]:
                    say(f"holds of {tenant}: {row[0]} expired")
        if _has(worker.conn, "ledger.fold_balances(integer, integer)"):
            for tenant, tenant_id in tenant_names(worker.conn).items():
                if merged := _fold(worker.conn, tenant_id):
                    say(f"balances of {tenant}: {merged} rows merged")
        if _has(worker.conn, "ledger.refresh_dashboards()"):
            _call(worker, "SELECT ledger.refresh_dashboards()", [], OWNER)
            say("dashboards: refreshed")
        if _has(worker.conn, "payroll.refresh_summary(interval)"):
            ((refreshed,),) = _call(worker, "SELECT payroll.refresh_summary()", [], OWNER)
            if refreshed:
                say("summary of payroll: refreshed")
        if _has(worker.conn, "lending.refresh_summary()"):
            _call(worker, "SELECT lending.refresh_summary()", [], OWNER)
            say("summary of loans: refreshed")


def plan_archive(conn: Connection, before: date) -> list[Obstacle]:
    """Return what archiving the years before a date would move, and what forbids it.

    Args:
        conn: A connection of a member of pgerp_migrator.
        before: Years that ended before this day are archived.

    Raises:
        PgerpError: the database has no ledger, or the role may not.
    """
    require_ledger(conn)
    try:
        with conn.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(
                "SELECT * FROM ledger.archive_plan(%s) ORDER BY 1, 2", [before]
            ).fetchall()
    except psycopg.Error as error:
        raise database_error(error, conn.info.dbname) from error
    return [Obstacle(*row) for row in rows]


def archive(
    connect: Callable[[], Connection],
    before: date,
    *,
    settings: Settings,
    wait: Callable[[str], None],
) -> list[tuple[int, int]]:
    """Archive the years before a date: all of them, or none.

    Args:
        connect: See `maintain`.
        before: Years that ended before this day.
        settings: How patient to be.
        wait: See `maintain`.

    Returns:
        (year, number of its entries) for each year that was archived.

    Raises:
        PgerpError: a year cannot be archived (which one, whose entries, why), or locks were not
            to be had.
    """
    with open_worker(connect, None, settings, wait) as worker:
        require_ledger(worker.conn)
        return _call(worker, "SELECT * FROM ledger.archive_before(%s)", [before])


def restore(
    connect: Callable[[], Connection],
    year: int,
    *,
    settings: Settings,
    wait: Callable[[str], None],
) -> None:
    """Take an archived year back into the journal.

    Args:
        connect: See `maintain`.
        year: The year in which its entries were made.
        settings: How patient to be.
        wait: See `maintain`.

    Raises:
        PgerpError: the year is not archived, or locks were not to be had.
    """
    with open_worker(connect, None, settings, wait) as worker:
        require_ledger(worker.conn)
        _call(worker, "SELECT ledger.restore_archive(%s)", [year])


def _make_partitions(worker: Worker, years_ahead: int, say: Callable[[str], None]) -> bool:
    """Make the partitions that are missing; tell whether any was."""
    any_made = False
    if has_ledger(worker.conn):
        create = "SELECT * FROM ledger.create_partitions(%s)"
        for year, moved in _call(worker, create, [years_ahead]):
            say(f"partition of {year}: made, {moved} entries moved into it")
            any_made = True
    if not _has(worker.conn, "core.create_year_partitions(regclass, integer)"):
        return any_made
    create = "SELECT * FROM core.create_year_partitions(%s::regclass, %s)"
    for table, what in (
        ("events.event_store", "events"),
        ("audit.log", "audit log"),
        ("lending.transactions", "transactions of loans"),
        ("lending.movements", "movements of loans"),
    ):
        if not _has_table(worker.conn, table):
            continue
        for year, moved in _call(worker, create, [table, years_ahead]):
            say(f"{what} of {year}: partition made, {moved} rows moved into it")
            any_made = True
    return any_made


def _remove_old_log(worker: Worker, say: Callable[[str], None]) -> None:
    """Remove the years of the audit log that nobody has to keep."""
    for year, holders in _call(worker, "SELECT * FROM audit.remove_expired()", []):
        if holders:
            names = {tenant_id: name for name, tenant_id in tenant_names(worker.conn).items()}
            who = ", ".join(names.get(tenant_id, str(tenant_id)) for tenant_id in holders)
            say(f"audit log of {year}: kept by legal holds of {who}")
        else:
            say(f"audit log of {year}: removed, since it is older than its retention")


def _fold(conn: Connection, tenant_id: int) -> int:
    """Fold balances in short transactions, since who posts waits for each; return rows merged."""
    merged = 0
    while True:
        with TenantSession(conn, tenant_id).transaction() as cursor:
            cursor.execute("SELECT ledger.fold_balances()")
            row = cursor.fetchone()
        if not row or not row[0]:
            return merged
        merged += row[0]


def _has(conn: Connection, signature: str) -> bool:
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [signature]).fetchone()
    return bool(row and row[0])


def _has_table(conn: Connection, table: str) -> bool:
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(row and row[0])


def _call(
    worker: Worker, statement: str, parameters: Sequence[Any], role: str | None = None
) -> list[Any]:
    """Run one call in a transaction of its own, tried again while locks are not to be had."""
    rows: list[Any] = []

    def work() -> None:
        with worker.conn.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(statement.encode(), parameters)
            rows[:] = cursor.fetchall()

    what = statement.split("(")[0].split()[-1]
    try:
        worker.transact(role, work, what)
    except psycopg.Error as error:
        raise database_error(error, what) from error
    return rows
