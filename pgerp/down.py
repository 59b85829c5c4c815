"""down: take the last migrations back by their rollback files, newest first.

Functions, views, triggers and policies stand on tables: all of them are dropped first, and those
that what remains can carry are made again at the end. Each rollback is one transaction with its
ledger row; the dropping is part of the first and the making of the last, so that one step is
wholly atomic. Stopped in between, `up` makes everything whole again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pgerp import history, repeatables, roles
from pgerp.apply import rollback_script, undo
from pgerp.errors import PgerpError
from pgerp.history import Applied, Connection, Known
from pgerp.migrations import Migration, discover
from pgerp.progress import Progress, Silent
from pgerp.project import Project
from pgerp.suggest import suggest
from pgerp.transaction import Settings, open_worker


@dataclass(frozen=True)
class Step:
    """One migration to take back.

    Attributes:
        migration: The migration.
        sql: The text of its rollback file.
    """

    migration: Migration
    sql: str


@dataclass
class DownResult:
    """What one `down` did.

    Attributes:
        migrations: Ids of the migrations that were taken back, newest first.
        skipped: Repeatable files that what remains cannot carry, with the reason.
    """

    migrations: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def plan_down(
    conn: Connection, projects: Sequence[Project], *, steps: int | None = 1, to: str | None = None
) -> list[Step]:
    """Return what `down` would take back, newest first.

    Args:
        conn: A connection; reads only.
        projects: The projects.
        steps: How many migrations; None = all.
        to: Id of the last migration to keep; takes the place of `steps`.

    Raises:
        PgerpError: one of them has no rollback file, was edited, is of a project that was not
            given, or is not complete; or `to` is not applied.
    """
    known = history.read(conn)
    newest_first = list(known.applied.values())[::-1]
    if to is not None:
        steps = _count(newest_first, to)
    files = {migration.id: migration for migration in discover(projects)}
    return [_step(row, files) for row in newest_first[:steps]]


def down(
    connect: Callable[[], Connection],
    projects: Sequence[Project],
    plan: Sequence[Step],
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> DownResult:
    """Take migrations back.

    Args:
        connect: Opens a connection in autocommit mode.
        projects: The projects.
        plan: What `plan_down` returned.
        settings: How patient to be.
        progress: Is told what happens.

    Raises:
        PgerpError: the database changed since the plan was made, or a rollback file fails; what
            was taken back before stays so.
    """
    progress = progress or Silent()
    files = repeatables.discover(projects)
    result = DownResult()
    with open_worker(connect, projects[0].owner, settings or Settings(), progress.note) as worker:
        known = history.read(worker.conn)
        _refuse_changed(known, plan)
        roles.refuse_strangers(worker.conn, projects)
        progress.expect(len(plan))

        def drop() -> None:
            repeatables.drop_all(worker.conn, files)

        def make() -> None:
            applied = repeatables.apply(worker.conn, files, migrated=True, tolerate_missing=True)
            result.skipped = applied.skipped

        for index, step in enumerate(plan):
            started = time.monotonic()
            progress.begin(step.migration.id)
            undo(
                worker,
                step.migration,
                before=drop if index == 0 else _nothing,
                after=make if index == len(plan) - 1 else _nothing,
            )
            progress.done(step.migration.id, time.monotonic() - started)
            result.migrations.append(step.migration.id)
    return result


def _nothing() -> None:
    """Do nothing."""


def _count(newest_first: Sequence[Applied], to: str) -> int:
    """Return how many migrations were applied after `to`."""
    ids = [row.id for row in newest_first]
    if to in ids:
        return ids.index(to)
    raise PgerpError(
        f"migration {to} is not applied", hint=suggest(to, ids, "See pgerp status for the ids.")
    )


def _step(row: Applied, files: dict[str, Migration]) -> Step:
    """Return the step that takes one row back, or say why it cannot be."""
    migration = files.get(row.id)
    if migration is None:
        raise PgerpError(
            f"the files of {row.id} are not here",
            where=row.path,
            detail=f"It belongs to the project {row.project}.",
            hint="Add its project with --project DIR, or bring the files back.",
        )
    if row.state == "running":
        raise PgerpError(
            "its statement was begun by an earlier run and did not end",
            where=migration.where,
            hint="Run pgerp up first, which completes it, or pgerp repair.",
        )
    if migration.checksum != row.checksum:
        raise PgerpError(
            "the file was edited after it was applied: its rollback may not fit any more",
            where=f"{migration.where}:1",
            hint=f"Restore its text, or run pgerp repair --reason … {row.id}.",
        )
    text, _ = rollback_script(migration)
    return Step(migration, text)


def _refuse_changed(known: Known, plan: Sequence[Step]) -> None:
    """Refuse when another runner was here between the plan and the lock."""
    newest_first = list(known.applied)[::-1]
    if newest_first[: len(plan)] != [step.migration.id for step in plan]:
        raise PgerpError(
            "the database was migrated meanwhile, so this is no longer what would be taken back",
            hint="Run pgerp down again and look at what it shows.",
        )
