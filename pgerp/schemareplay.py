"""The schema of a database built again from the files that made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from pgerp import history
from pgerp.migrations import Migration, discover
from pgerp.project import Project
from pgerp.script import ScriptError, describe, run_script
from pgerp.sqltext import Statement, display, read, split
from pgerp.transaction import role_sql, rolled_back_on_error

Connection = psycopg.Connection[Any]


def replay(target: Connection, scratch: Connection, projects: Sequence[Project]) -> list[str]:
    """Apply to an empty database what the target has: its migrations, then the repeatable files.

    Args:
        target: The database whose history is read, in a read-only transaction.
        scratch: A superuser's session in the empty database, in autocommit mode.
        projects: Where the files are.

    Returns:
        Notes on what could not be applied again, whole sentences.

    Raises:
        PgerpError: A file fails.
    """
    with target.transaction():
        target.execute("SET TRANSACTION READ ONLY")
        applied = history.read(target).applied
    files = {migration.id: migration for migration in discover(projects)}
    for project in projects:
        run_roles(scratch, project)
    notes = []
    for id in applied:
        if id in files:
            _apply_whole(scratch, files[id])
        else:
            notes.append(f"{id} was applied to the target, but its file is gone.")
    if applied:
        _apply_repeatables(scratch, projects)
        notes.append("Functions, views, triggers, policies and grants are as the files have them.")
    return notes


def run_roles(conn: Connection, project: Project) -> None:
    """Run a project's sql/roles.sql, if it has one, in one transaction.

    Raises:
        PgerpError: It fails.
    """
    if project.roles.is_file():
        text, where = read(project.roles), display(project.roles)
        _run_whole(conn, text, split(text, where), where, owner=None)


def _apply_whole(conn: Connection, migration: Migration) -> None:
    owner = migration.project.owner
    if migration.transactional:
        _run_whole(conn, migration.sql, migration.statements, migration.where, owner)
        return
    run_script(conn, role_sql(owner, local=False))
    try:
        run_script(conn, migration.sql)
    except ScriptError as error:
        raise describe(error, migration.sql, migration.statements, migration.where) from None
    run_script(conn, role_sql(None, local=False))


def _run_whole(
    conn: Connection, text: str, statements: list[Statement], where: str, owner: str | None
) -> None:
    """Run a file in one transaction, as a role."""
    try:
        with rolled_back_on_error(conn):
            run_script(conn, f"BEGIN; {role_sql(owner, local=True)}", "BEGIN")
            run_script(conn, text)
            run_script(conn, "COMMIT", "COMMIT")
    except ScriptError as error:
        raise describe(error, text, statements, where) from None


def _apply_repeatables(conn: Connection, projects: Sequence[Project]) -> None:
    from pgerp import repeatables

    with rolled_back_on_error(conn):
        run_script(conn, f"BEGIN; {role_sql(projects[0].owner, local=True)}", "BEGIN")
        history.create(conn)
        repeatables.apply(conn, repeatables.discover(projects), migrated=True)
        run_script(conn, "COMMIT", "COMMIT")
