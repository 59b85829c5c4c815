"""up: roles, migrations, then every repeatable file that changed, in that order.

Each migration is one transaction; the repeatables are one together. Whatever stops the runner,
the next `up` goes on from the last commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pgerp import history, nontransactional, repeatables
from pgerp.apply import apply
from pgerp.history import Connection
from pgerp.migrations import Migration, discover
from pgerp.prepare import prepare
from pgerp.progress import Progress, Silent
from pgerp.project import Project
from pgerp.state import compare, read_schemas, refuse_problems, select
from pgerp.transaction import Settings, Worker, open_worker


@dataclass
class UpResult:
    """What one `up` did.

    Attributes:
        roles: Projects whose roles file was run.
        migrations: Ids of the migrations that were applied.
        not_applicable: Links files that were passed over: a schema is not here.
        repeatables: What was done to functions, views, triggers, policies and grants.
    """

    roles: list[str] = field(default_factory=list)
    migrations: list[str] = field(default_factory=list)
    not_applicable: list[str] = field(default_factory=list)
    repeatables: repeatables.ApplyResult = field(default_factory=repeatables.ApplyResult)

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to do."""
        done = self.repeatables
        return not (self.roles or self.migrations or done.applied or done.recreated)


def up(
    connect: Callable[[], Connection],
    projects: Sequence[Project],
    *,
    to: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> UpResult:
    """Apply everything that is pending.

    Args:
        connect: Opens a connection in autocommit mode.
        projects: The projects, in order; the first one's owner owns the runner's tables.
        to: Id of the last migration to apply; None = all.
        settings: How patient to be.
        progress: Is told what happens.

    Raises:
        PgerpError: files and ledger do not fit together, a file cannot be applied, or locks are
            not to be had. What was applied before stays applied.
    """
    progress = progress or Silent()
    migrations = discover(projects)
    files = repeatables.discover(projects)
    owner = projects[0].owner
    with open_worker(connect, owner, settings or Settings(), progress.note) as worker:
        known = history.read(worker.conn)
        state = compare(projects, migrations, known, read_schemas(worker.conn))
        refuse_problems(state)
        todo = select(state, to)
        for migration in todo:
            _check(migration)
        result = UpResult(not_applicable=[m.id for m in state.not_applicable])
        progress.expect(len(todo))
        regranted = repeatables.regranted(worker.conn, files)
        result.roles = prepare(worker, projects, known, progress, regranted)
        for migration in todo:
            if migration.links and not read_schemas(worker.conn).issuperset(migration.links):
                result.not_applicable.append(migration.id)
                continue
            started = time.monotonic()
            progress.begin(migration.id)
            apply(worker, migration, interrupted=migration.id in state.resumed)
            progress.done(migration.id, time.monotonic() - started)
            result.migrations.append(migration.id)
        result.repeatables = _reapply(
            worker,
            files,
            migrated=bool(result.migrations),
            partial=len(todo) < len(state.pending),
            progress=progress,
        )
    return result


def _check(migration: Migration) -> None:
    """Refuse a file that cannot be sent, before any other is applied."""
    if not migration.transactional:
        nontransactional.check(migration)
    assert migration.statements


def _reapply(
    worker: Worker,
    files: Sequence[repeatables.Repeatable],
    *,
    migrated: bool,
    partial: bool,
    progress: Progress,
) -> repeatables.ApplyResult:
    """Apply the repeatable files that changed, in one transaction."""
    result = repeatables.ApplyResult()
    due = repeatables.pending(worker.conn, files, migrated=migrated)
    result.removed = repeatables.removed(worker.conn, files)
    # A migration may have undone what a removed file granted: then that file is forgotten.
    if not due and not (migrated and result.removed):
        return result
    name = f"the removal of {len(result.removed)} files"
    if due:
        name = f"{len(due)} functions, views, triggers, policies, grants"

    def work() -> str:
        nonlocal result
        result = repeatables.apply(worker.conn, files, migrated=migrated, tolerate_missing=partial)
        before = repeatables.kept(worker.conn)
        now = repeatables.digests(worker.conn, files)
        return history.history_sql("repeatables", detail=f"{len(result.applied)} files") + "".join(
            history.history_sql("privileges", detail=project, checksum=digest)
            for project, digest in now.items()
            if before.get(project) != digest
        )

    started = time.monotonic()
    progress.begin(name)
    worker.transact(worker.ledger_role, work, "functions and views")
    progress.done(name, time.monotonic() - started)
    return result
