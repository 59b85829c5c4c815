"""The repeatable files of a rehearsal: functions, views, triggers, policies and grants.

`up` applies those that changed in one transaction; so does this, and sees what each file takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgerp import history, repeatables
from pgerp.errors import PgerpError
from pgerp.project import Project
from pgerp.rehearse_report import FileReport, StatementReport
from pgerp.rehearse_watch import Watch
from pgerp.repeatables import Repeatable
from pgerp.schemacopy import SchemaCopy
from pgerp.script import run_script
from pgerp.transaction import role_sql, rolled_back_on_error

Connection = psycopg.Connection[Any]


def rehearse_repeatables(
    watch: Watch,
    target: Connection,
    copy: SchemaCopy,
    projects: Sequence[Project],
    *,
    migrated: bool,
) -> list[FileReport]:
    """Apply on the copy what `up` would apply of the repeatable files.

    Args:
        watch: Watches the session that does it.
        target: Where it is known which version of each file was applied last.
        copy: How the copy was made; one from the files has all of them already.
        projects: The projects.
        migrated: Whether a migration goes before.

    Returns:
        A report for each file, up to the one that failed.
    """
    files = repeatables.discover(projects)
    owner = projects[0].owner
    conn = watch.worker
    if copy.source == "pg_dump" and history.exists(target):
        _copy_records(target, watch.observer)
    if not repeatables.pending(conn, files, migrated=migrated):
        return []
    if not history.exists(conn):
        with conn.transaction():
            run_script(conn, role_sql(owner, local=True))
            history.create(conn)
    reports: list[FileReport] = []

    def end_step() -> None:
        if reports:
            reports[-1].statements[0].take(watch.finish())

    def on_step(file: Repeatable) -> None:
        end_step()
        whole = StatementReport(1, "(the whole file)")
        reports.append(FileReport(file.key, file.where, file.kind, True, [whole]))
        watch.start()

    watch.begin_file()
    try:
        with rolled_back_on_error(conn):
            run_script(conn, f"BEGIN; {role_sql(owner, local=True)}", "BEGIN")
            repeatables.apply(conn, files, migrated=migrated, on_step=on_step)
            end_step()
            run_script(conn, "COMMIT", "COMMIT")
    except PgerpError as error:
        if not reports:
            raise
        reports[-1].error = str(error)
    return reports


def _copy_records(target: Connection, conn: Connection) -> None:
    """Tell the copy which version of each file the target has."""
    with target.transaction(), target.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        rows = cursor.execute("SELECT * FROM pgerp.repeatables").fetchall()
        names = [column.name for column in cursor.description or ()]
    statement = sql.SQL("INSERT INTO pgerp.repeatables ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )
    with conn.cursor() as cursor:
        cursor.executemany(statement, rows)
