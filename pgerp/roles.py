"""The roles of the projects: sql/roles.sql, and whether the session may become the owners."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.history import Connection, Known
from pgerp.project import Project
from pgerp.script import ScriptError, describe, run_script
from pgerp.sqltext import checksum, display, guard, read
from pgerp.transaction import Worker


def pending(
    conn: Connection,
    projects: Sequence[Project],
    known: Known,
    regranted: Collection[str] = (),
) -> list[Project]:
    """Return the projects whose sql/roles.sql is to be run.

    It changed, the owner role is missing, or the project is one of `regranted`: somebody granted
    or revoked by hand.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute("SELECT rolname FROM pg_catalog.pg_roles").fetchall()
    roles = {name for (name,) in rows}
    return [
        project
        for project in projects
        if project.roles.is_file()
        and (
            known.roles.get(project.name) != roles_checksum(project)
            or project.name in regranted
            or (project.owner is not None and project.owner not in roles)
        )
    ]


def roles_checksum(project: Project) -> str | None:
    """Return the SHA-256 of a project's sql/roles.sql; None when it has none."""
    return checksum(read(project.roles)) if project.roles.is_file() else None


def run(worker: Worker, project: Project) -> None:
    """Run a project's sql/roles.sql as the session's own role, in one transaction.

    Raises:
        PgerpError: it fails, for example since the role may not create roles (42501).
    """
    text = read(project.roles)
    where = display(project.roles)
    statements = guard(text, where)

    def work() -> None:
        run_script(worker.conn, text)

    try:
        worker.transact(None, work, where)
    except ScriptError as error:
        hint = None
        if error.cause.sqlstate == "42501":
            hint = (
                "Run pgerp up once as a role that may create roles (a superuser, or CREATEROLE):"
                " it is needed again only when this file changes."
            )
        raise describe(error, text, statements, where, hint=hint) from None


def refuse_strangers(conn: Connection, projects: Sequence[Project]) -> None:
    """Refuse a session that cannot work as the projects' owners, before anything is done.

    Raises:
        PgerpError: an owner role is missing (42704), or the session may not become it (42501).
    """
    mode = "SET" if conn.info.server_version >= 160000 else "MEMBER"
    for project in projects:
        if project.owner is None:
            continue
        with conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(
                "SELECT session_user::text,"
                " CASE WHEN r.oid IS NOT NULL THEN pg_has_role(session_user, r.oid, %s) END"
                " FROM (SELECT to_regrole(quote_ident(%s)) AS oid) AS r",
                (mode, project.owner),
            ).fetchone()
        user, may = row or ("?", None)
        if may is None:
            raise PgerpError(
                f"the owner role {project.owner} does not exist",
                where=display(project.root / "pgerp.toml"),
                sqlstate="42704",
                hint=f"Create it, best in {display(project.roles)}.",
            )
        if not may:
            raise PgerpError(
                f"role {user} may not work as {project.owner}, which owns this project",
                where=display(project.root / "pgerp.toml"),
                sqlstate="42501",
                detail="Nothing was done.",
                hint=f"Connect as a member of it, or have an administrator run"
                f" GRANT {project.owner} TO {user}.",
            )
