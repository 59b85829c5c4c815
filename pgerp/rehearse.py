"""`pgerp plan --rehearse`: the pending files, tried on a schema-only copy of the target.

The copy is on an embedded server of its own, of the target's major version where there is one.
Its tables are empty, so what a statement costs is told by what it does (locks, rewrites, scans)
and by how large the relation is on the target. The target itself is only read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from pgerp import history, squawk
from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.migrations import Migration
from pgerp.project import Project
from pgerp.rehearse_facts import Seen, Size
from pgerp.rehearse_repeatables import rehearse_repeatables
from pgerp.rehearse_report import FileReport, Finding, RehearsalReport, StatementReport
from pgerp.rehearse_scratch import scratch_server, version_for
from pgerp.rehearse_watch import Watch
from pgerp.schemacopy import SchemaCopy, copy_schema
from pgerp.schemareplay import run_roles
from pgerp.script import ScriptError, describe, run_script
from pgerp.sqltext import Statement, checksum, read, shorten
from pgerp.transaction import role_sql, rolled_back_on_error

Connection = psycopg.Connection[Any]

TEXT_WIDTH = 96
SIZE_LOCK_WAIT_MS = 1000
_TRUNCATE = re.compile(r"truncate\b", re.IGNORECASE)
# These would connect from the copy to another server, and change it.
_REACHES_OUT = re.compile(r"(?:create|alter|drop)\s+subscription\b", re.IGNORECASE)
_SIZES = """
SELECT
    wanted.name,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END,
    coalesce(
        (SELECT sum(pg_total_relation_size(t.relid)) FROM pg_partition_tree(c.oid) AS t),
        pg_total_relation_size(c.oid)
    )::bigint
FROM unnest(%s::text[]) AS wanted (name)
INNER JOIN pg_class AS c ON c.oid = to_regclass(wanted.name)
"""
_PAGES = """
SELECT
    wanted.name,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END,
    c.relpages * current_setting('block_size')::bigint
FROM unnest(%s::text[]) AS wanted (name)
INNER JOIN pg_class AS c ON c.oid = to_regclass(wanted.name)
"""


def rehearse(
    target: Connection, pending: list[Migration], projects: list[Project]
) -> RehearsalReport:
    """Try pending migrations on a schema-only copy of the target.

    Functions, views, triggers, policies and grants that changed follow, as in `up`.

    Args:
        target: The database that they are meant for; read in read-only transactions only.
        pending: The files, in the order in which `up` would apply them.
        projects: The projects: their roles, their repeatable files, and all for a copy without
            pg_dump.

    Returns:
        What each statement took and did; a failing file ends the rehearsal and is in the report.

    Raises:
        PgerpError: The copy cannot be made.
    """
    major = target.info.server_version // 10000
    findings, problem = squawk.lint(pending, _release(target))
    with ExitStack() as stack:
        server = stack.enter_context(scratch_server(version_for(major)))
        copy = copy_schema(target, server, projects)
        worker, observer, third = (stack.enter_context(connect(server.url())) for _ in range(3))
        report = RehearsalReport(
            target_version=_release(target),
            copy_version=_release(worker),
            source=copy.source,
            notes=[*_notes(major, server.version), *copy.notes, *filter(None, [problem])],
        )
        report.notes += _prepare(worker, target, copy, {one.project for one in pending})
        watch = Watch(worker, observer, third)
        for position, migration in enumerate(pending):
            file = _rehearse_file(watch, migration, findings.get(migration.id, []))
            report.files.append(file)
            if file.error:
                report.not_run = [one.id for one in pending[position + 1 :]]
                break
        else:
            files = rehearse_repeatables(watch, target, copy, projects, migrated=bool(pending))
            report.files += files
    _add_sizes(target, report)
    return report


def _release(conn: Connection) -> str:
    version = conn.info.server_version
    return f"{version // 10000}.{version % 10000}"


def _notes(target_major: int, copy_major: int) -> Iterable[str]:
    yield "The copy's tables are empty: times are of the statements alone, sizes are the target's."
    if target_major != copy_major:
        yield (
            f"PostgreSQL {target_major} is not among the embedded ones; "
            f"{copy_major} may lock less or rewrite less than {target_major} does."
        )


def _prepare(
    worker: Connection, target: Connection, copy: SchemaCopy, projects: set[Project]
) -> list[str]:
    """Make the session what `up`'s would be: same role, same settings, roles files run.

    Returns:
        Notes on settings that the copy does not know.
    """
    with target.transaction():
        target.execute("SET TRANSACTION READ ONLY")
        ran = history.read(target).roles
    notes = []
    for name, value in copy.settings:
        try:
            worker.execute("SELECT set_config(%s, %s, false)", (name, value))
        except psycopg.Error as error:
            notes.append(f"Not copied: the database's setting {name} ({error.sqlstate}).")
    user = sql.Identifier(target.info.user)
    worker.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(user))
    for project in sorted(projects, key=lambda one: one.name):
        if project.roles.is_file() and ran.get(project.name) != checksum(read(project.roles)):
            run_roles(worker, project)
    return notes


def _rehearse_file(watch: Watch, migration: Migration, findings: list[Finding]) -> FileReport:
    """Apply one file on the copy; commit it, so that the next one finds it."""
    file = FileReport(migration.id, migration.where, "migration", migration.transactional)
    watch.begin_file()
    conn, owner = watch.worker, migration.project.owner
    begin = "BEGIN; " if migration.transactional else ""
    run = watch.run if migration.transactional else watch.run_alone
    try:
        with rolled_back_on_error(conn):
            run_script(conn, begin + role_sql(owner, local=migration.transactional), "BEGIN")
            _run(run, conn, migration, findings, file)
            # Deferred triggers fire now.
            run_script(conn, "COMMIT" if begin else role_sql(None, local=False), "COMMIT")
    except ScriptError as error:
        file.error = str(describe(error, migration.sql, migration.statements, migration.where))
    except PgerpError as error:
        file.error = str(error)
    return file


def _run(
    run: Callable[[Callable[[], None]], Seen],
    conn: Connection,
    migration: Migration,
    findings: list[Finding],
    file: FileReport,
) -> None:
    statements = migration.statements
    starts = [*(one.line for one in statements[1:]), len(migration.sql) + 2]
    for statement, following in zip(statements, starts, strict=True):
        report = StatementReport(statement.line, shorten(statement.text, TEXT_WIDTH))
        since = 0 if statement is statements[0] else statement.line
        report.findings = [one for one in findings if since <= one.line < following]
        file.statements.append(report)
        if _REACHES_OUT.match(statement.text):
            report.skipped = "it would connect to another server"
            continue
        seen = run(partial(_execute, conn, statement, migration.where))
        report.take(seen)
        if _TRUNCATE.match(statement.text):
            report.work = []


def _execute(conn: Connection, statement: Statement, where: str) -> None:
    # As many line ends before it as in the file: the server's error position tells the line.
    before = statement.line - 1
    text = "\n" * before + statement.text
    try:
        run_script(conn, text)
    except ScriptError as error:
        placed = replace(statement, offset=before)
        raise describe(error, text, [placed], where) from None


def _add_sizes(target: Connection, report: RehearsalReport) -> None:
    """Say how large the relations are on the target that were rewritten or scanned."""
    statements = [statement for file in report.files for statement in file.statements]
    names = sorted({work.relation for statement in statements for work in statement.work})
    sizes = _sizes(target, names) if names else {}
    for statement in statements:
        statement.work = [replace(work, size=sizes.get(work.relation)) for work in statement.work]


def _sizes(target: Connection, names: Sequence[str]) -> dict[str, Size]:
    """Return the sizes by name; from the catalog's own estimate where a table is locked."""
    for query in (_SIZES, _PAGES):
        try:
            with target.transaction():
                target.execute("SET TRANSACTION READ ONLY")
                target.execute(f"SET LOCAL lock_timeout = {SIZE_LOCK_WAIT_MS}".encode())
                rows = target.execute(query.encode(), (list(names),)).fetchall()
        except psycopg.errors.LockNotAvailable:
            continue
        return {name: Size(count, size) for name, count, size in rows}
    return {}
