"""repair and baseline: the two ways in which a person overrules the ledger, always on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pgerp import history
from pgerp.errors import PgerpError
from pgerp.history import Connection, Known
from pgerp.migrations import Migration, discover
from pgerp.prepare import prepare
from pgerp.progress import Progress, Silent
from pgerp.project import Project
from pgerp.state import Problem, State, compare, read_schemas, select
from pgerp.suggest import suggest
from pgerp.transaction import Settings, open_worker


@dataclass(frozen=True)
class Repair:
    """One thing that `repair` does.

    Attributes:
        action: "accept" an edited file, "forget" a deleted one, "admit" a late one, "clear" an
            interrupted one so that it runs again, "complete" it since it is known to be done,
            "reapply" the repeatable files.
        id: The migration; for "reapply" what is applied again.
        text: What will be so, in a sentence.
        sql: The statements that write it down.
    """

    action: str
    id: str
    text: str
    sql: str


def repair(
    connect: Callable[[], Connection],
    projects: Sequence[Project],
    reason: str,
    ids: Sequence[str] = (),
    *,
    as_applied: bool = False,
    reapply: bool = False,
    dry_run: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> list[Repair]:
    """Accept how things are: edited, deleted, late and interrupted migrations.

    Args:
        connect: Opens a connection in autocommit mode.
        projects: The projects.
        reason: Why; kept in pgerp.history.
        ids: The migrations to repair; () = all that need it.
        as_applied: Interrupted migrations are complete, instead of to be run again.
        reapply: Have the next up apply roles and every repeatable file again: somebody changed what
            one of them makes.
        dry_run: Only say what would be done.
        settings: How patient to be.
        progress: Is told whom is waited for.

    Returns:
        What was done (or would be).

    Raises:
        PgerpError: an id needs no repair, or the reason is empty.
    """
    if not reason.strip():
        raise PgerpError("a repair needs a reason", hint="Say why: pgerp repair --reason TEXT.")
    note = (progress or Silent()).note
    migrations = discover(projects)
    with open_worker(connect, projects[0].owner, settings or Settings(), note) as worker:
        known = history.read(worker.conn)
        state = compare(projects, migrations, known, read_schemas(worker.conn))
        repairs = _repairs(state, migrations, known, reason, as_applied)
        for id in ids:
            if id not in {item.id for item in repairs}:
                ids_found = [item.id for item in repairs]
                raise PgerpError(
                    f"{id} needs no repair", hint=suggest(id, ids_found, "See pgerp status.")
                )
        chosen = [item for item in repairs if not ids or item.id in ids]
        if reapply:
            chosen.append(_reapply(reason))
        if chosen and not dry_run:
            statements = "".join(item.sql for item in chosen)
            worker.transact(worker.ledger_role, lambda: statements, "repair")
    return chosen


def _repairs(
    state: State,
    migrations: Sequence[Migration],
    known: Known,
    reason: str,
    as_applied: bool,
) -> list[Repair]:
    files = {migration.id: migration for migration in migrations}
    repairs = []
    for problem in state.problems:
        if problem.id in state.resumed and problem.kind != "deleted":
            continue
        repairs.append(_repair(problem, files.get(problem.id), reason))
    for id in sorted(state.resumed & files.keys()):
        if as_applied:
            sql = history.applied_sql(files[id], "applied", "complete", reason)
            repairs.append(Repair("complete", id, "is taken as complete", sql))
        else:
            sql = history.removed_sql(id, "clear", reason=reason, yoyo=False)
            repairs.append(Repair("clear", id, "will be run again by the next up", sql))
    return repairs


def _reapply(reason: str) -> Repair:
    # No file has this checksum.
    forget = f"UPDATE pgerp.repeatables SET checksum = '{'0' * 64}';\n"
    forget += "UPDATE pgerp.projects SET roles_checksum = NULL;\n"
    return Repair(
        "reapply",
        "roles, functions, views, triggers, policies, grants",
        "will all be applied again by the next up",
        forget + history.history_sql("reapply", reason=reason),
    )


def _repair(problem: Problem, migration: Migration | None, reason: str) -> Repair:
    if migration is None:
        sql = history.removed_sql(problem.id, "forget", reason=reason)
        return Repair("forget", problem.id, "is forgotten; what it made stays", sql)
    if problem.kind == "late":
        sql = history.history_sql(
            "admit", migration=migration.id, checksum=migration.checksum, reason=reason
        )
        return Repair("admit", problem.id, "will be applied late by the next up", sql)
    sql = history.accepted_sql(migration, reason)
    return Repair("accept", problem.id, "counts as applied with its present text", sql)


def baseline(
    connect: Callable[[], Connection],
    projects: Sequence[Project],
    *,
    to: str | None = None,
    only: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """Mark migrations as applied without running them: the database has their schema already.

    Args:
        connect: Opens a connection in autocommit mode.
        projects: The projects.
        to: Id of the last migration to mark; None = all.
        only: Name of the one project to mark; None = all.
        settings: How patient to be.
        progress: Is told whom is waited for.

    Returns:
        The ids that were marked.

    Raises:
        PgerpError: the database has rows of these projects already, or `to` is unknown.
    """
    progress = progress or Silent()
    chosen = [project for project in projects if only in (None, project.name)]
    if not chosen:
        names = ", ".join(project.name for project in projects)
        raise PgerpError(f"there is no project {only}", hint=f"Choose one of {names}.")
    migrations = discover(projects)
    names_chosen = {project.name for project in chosen}
    with open_worker(connect, projects[0].owner, settings or Settings(), progress.note) as worker:
        known = history.read(worker.conn)
        taken = [row.id for row in known.applied.values() if row.project in names_chosen]
        if taken:
            raise PgerpError(
                f"the ledger has {len(taken)} migrations already, the last one {taken[-1]}",
                where="table pgerp.migrations",
                hint="baseline is for a database that was never migrated by pgerp: use pgerp up.",
            )
        state = compare(projects, migrations, known, read_schemas(worker.conn))
        todo = [m for m in select(state, to) if m.project.name in names_chosen]
        prepare(worker, projects, known, progress)
        statements = "".join(history.applied_sql(m, "baseline", "baseline") for m in todo)
        worker.transact(worker.ledger_role, lambda: statements, "baseline")
    return [migration.id for migration in todo]
