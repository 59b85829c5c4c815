"""Before the first migration: the roles, the privileges of this session, the runner's tables."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from psycopg.errors import InsufficientPrivilege

from pgerp import history, roles
from pgerp.errors import PgerpError
from pgerp.modules import chosen, read, record_sql
from pgerp.progress import Progress
from pgerp.project import Project
from pgerp.script import ScriptError
from pgerp.transaction import Worker


def prepare(
    worker: Worker,
    projects: Sequence[Project],
    known: history.Known,
    progress: Progress,
    regranted: Collection[str] = (),
) -> list[str]:
    """Run the roles files that are due and make the runner's tables, before anything else.

    Args:
        worker: The runner's connection.
        projects: The projects.
        known: What the runner's tables say.
        progress: Is told what happens.
        regranted: Projects whose privileges somebody changed by hand.

    Returns:
        The projects whose roles file was run.

    Raises:
        PgerpError: a role is missing, or this session lacks a privilege; nothing is half done.
    """
    changed = roles.pending(worker.conn, projects, known, regranted)
    for project in changed:
        started = time.monotonic()
        progress.begin(f"{project.name}: roles")
        roles.run(worker, project)
        progress.done(f"{project.name}: roles", time.monotonic() - started)
    roles.refuse_strangers(worker.conn, projects)
    modules_changed = chosen(projects) != read(worker.conn)
    if (
        changed
        or modules_changed
        or not known.roles.keys() >= {project.name for project in projects}
    ):
        _record_projects(worker, projects, changed, known)
    return [project.name for project in changed]


def _record_projects(
    worker: Worker,
    projects: Sequence[Project],
    changed: Sequence[Project],
    known: history.Known,
) -> None:
    """Make the runner's tables where they are missing, and write down the projects."""

    def work() -> str:
        if not known.exists:
            history.create(worker.conn)
        rows = [
            history.project_sql(project.name, project.owner, roles.roles_checksum(project))
            for project in projects
        ]
        if modules := chosen(projects):
            rows.append(record_sql(modules))
        rows += [history.history_sql("roles", detail=project.name) for project in changed]
        return "".join(rows)

    try:
        worker.transact(worker.ledger_role, work, "the runner's own tables")
    except (InsufficientPrivilege, ScriptError) as error:
        cause = error.cause if isinstance(error, ScriptError) else error
        role = worker.ledger_role or "the role that connects"
        raise PgerpError(
            f"the runner's own tables cannot be made: {cause.diag.message_primary or cause}",
            where=f"database {worker.conn.info.dbname}",
            sqlstate=cause.sqlstate,
            detail="Nothing was done.",
            hint=f"Give {role} CREATE on the database and on schema public.",
        ) from None
