"""Files against the ledger: what is applied, what is pending, and what does not fit together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.history import Applied, Connection, Known
from pgerp.migrations import Migration
from pgerp.nontransactional import is_known
from pgerp.project import Project
from pgerp.sqltext import display
from pgerp.suggest import suggest

_CREATE_SCHEMA = re.compile(r"\bcreate\s+schema\s+(?:if\s+not\s+exists\s+)?\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """One way in which files and ledger do not fit together.

    Attributes:
        kind: "edited" after it was applied; "deleted" though it is applied; "late": older than
            one that is applied; "interrupted": a statement of which the end is not known.
        id: The migration.
        where: Its file; for deleted ones where it used to be.
        message: What is wrong.
        hint: The remedy.
    """

    kind: Literal["edited", "deleted", "late", "interrupted"]
    id: str
    where: str
    message: str
    hint: str


@dataclass(frozen=True)
class State:
    """What a database has of some projects' migrations.

    Attributes:
        applied: Its rows for these projects, in the order in which they were applied.
        pending: What `up` would apply, in that order.
        resumed: Those of `pending` that an earlier run began.
        not_applicable: Links files of which a schema is not in this database.
        problems: What has to be mended first.
        others: How many migrations of projects that were not given it has.
    """

    applied: list[Applied]
    pending: list[Migration]
    resumed: frozenset[str]
    not_applicable: list[Migration]
    problems: list[Problem]
    others: int


def compare(
    projects: Sequence[Project],
    migrations: Sequence[Migration],
    known: Known,
    schemas: frozenset[str],
) -> State:
    """Compare the files with the ledger.

    Args:
        projects: The projects.
        migrations: Their migrations, in order.
        known: What the runner's tables say.
        schemas: The database's schemas.
    """
    names = {project.name for project in projects}
    rows = [row for row in known.applied.values() if row.project in names]
    done = {row.id for row in rows if row.state != "running"}
    left = [migration for migration in migrations if migration.id not in done]
    # A schema that a pending migration makes will be there when the links are applied.
    coming = {found for m in left if not m.links for found in _CREATE_SCHEMA.findall(m.sql)}
    idle = [m for m in left if m.links and not (schemas | coming).issuperset(m.links)]
    return State(
        applied=[row for row in rows if row.state != "running"],
        pending=[m for m in left if m not in idle],
        resumed=frozenset(row.id for row in rows if row.state == "running"),
        not_applicable=idle,
        problems=_problems(projects, migrations, known, rows),
        others=len(known.applied) - len(rows),
    )


def read_schemas(conn: Connection) -> frozenset[str]:
    """Return the names of the database's schemas."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute("SELECT nspname FROM pg_catalog.pg_namespace").fetchall()
    return frozenset(name for (name,) in rows)


def refuse_problems(state: State) -> None:
    """Raise the first problem, if there is one, with the number of the others.

    Raises:
        PgerpError: files and ledger do not fit together.
    """
    if not state.problems:
        return
    first, more = state.problems[0], len(state.problems) - 1
    raise PgerpError(
        first.message,
        where=first.where,
        detail=f"{more} more of the kind: see pgerp status." if more else None,
        hint=first.hint,
    )


def select(state: State, to: str | None) -> list[Migration]:
    """Return the pending migrations up to and with `to`; None = all.

    Raises:
        PgerpError: there is no migration `to`.
    """
    if to is None:
        return state.pending
    ids = [migration.id for migration in state.pending]
    if to in ids:
        return state.pending[: ids.index(to) + 1]
    done = [row.id for row in state.applied]
    if to in done:
        return []
    raise PgerpError(
        f"there is no migration {to}",
        hint=suggest(to, ids + done, "See pgerp status for the ids."),
    )


def _problems(
    projects: Sequence[Project],
    migrations: Sequence[Migration],
    known: Known,
    rows: Sequence[Applied],
) -> list[Problem]:
    files = {migration.id: migration for migration in migrations}
    roots = {project.name: project.root for project in projects}
    problems = []
    for row in rows:
        migration = files.get(row.id)
        if migration is None:
            problems.append(_deleted(row, display(roots[row.project] / row.path)))
        elif migration.checksum != row.checksum:
            problems.append(_edited(row, migration))
        elif row.state == "running" and not is_known(migration.statements[0].text):
            problems.append(_interrupted(migration))
    return problems + [
        _late(migration, after)
        for migration, after in _find_late(migrations, known)
        if (migration.id, migration.checksum) not in known.admitted
    ]


def _find_late(migrations: Sequence[Migration], known: Known) -> list[tuple[Migration, Migration]]:
    """Return the pending migrations that have an applied one of their module after them.

    Links come and go with the modules of a database, so they are never late.
    """
    late = []
    after: dict[tuple[str, str], Migration] = {}
    for migration in reversed(migrations):
        module = (migration.project.name, migration.module)
        if migration.id in known.applied:
            after.setdefault(module, migration)
        elif module in after and not migration.links:
            late.append((migration, after[module]))
    return late[::-1]


def _edited(row: Applied, migration: Migration) -> Problem:
    begun = row.state == "running"
    return Problem(
        "edited",
        row.id,
        f"{migration.where}:1",
        f"the file was edited after it was {'begun' if begun else 'applied'}"
        f" ({row.applied_at:%Y-%m-%d %H:%M} by {row.applied_by})",
        "Restore its text and make the change in a new migration; or, if the database is right as"
        f" it is, run pgerp repair --reason … {row.id}.",
    )


def _deleted(row: Applied, where: str) -> Problem:
    return Problem(
        "deleted",
        row.id,
        where,
        f"the file is gone, but it was applied ({row.applied_at:%Y-%m-%d %H:%M}"
        f" by {row.applied_by})",
        f"Bring the file back; or forget it with pgerp repair --reason … {row.id}.",
    )


def _late(migration: Migration, after: Migration) -> Problem:
    return Problem(
        "late",
        migration.id,
        f"{migration.where}:1",
        f"the file is late: {after.id}, which comes after it, is applied",
        "Give it the present time as its name (and its rollback file too); or, if the order does"
        f" not matter, let it in with pgerp repair --reason … {migration.id}.",
    )


def _interrupted(migration: Migration) -> Problem:
    return Problem(
        "interrupted",
        migration.id,
        f"{migration.where}:{migration.statements[0].line}",
        "its statement was begun by an earlier run, and its end is not known",
        "Look at the database, then run pgerp repair --reason … to have it run again, or with"
        f" --as-applied if it is complete: {migration.id}.",
    )
