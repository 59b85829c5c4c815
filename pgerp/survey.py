"""What a database has and what `up` would do to it: read only, on primaries and standbys alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg.rows import tuple_row

from pgerp import history, repeatables, roles
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, EXIT_PENDING
from pgerp.history import Connection
from pgerp.migrations import discover
from pgerp.project import Project
from pgerp.repeatables import Removed, Repeatable
from pgerp.sqltext import display
from pgerp.state import State, compare, read_schemas, select


@dataclass(frozen=True)
class Survey:
    """The state of a database.

    Attributes:
        database: Its name.
        server_version: For example "18.4".
        standby: Whether it is one, where nothing can be applied.
        projects: The projects that were looked at.
        initialised: Whether the runner's tables are there.
        state: Its migrations.
        roles: Projects whose roles file would be run.
        repeatables: Each file that would be applied, with the reason: "new", "changed", "missing"
            (its object is not there), "by hand" (somebody granted or revoked) or "always".
        removed: Files that are gone while what they made is still there.
    """

    database: str
    server_version: str
    standby: bool
    projects: list[Project]
    initialised: bool
    state: State
    roles: list[Project]
    repeatables: list[tuple[Repeatable, str]]
    removed: list[Removed]

    @property
    def exit_code(self) -> int:
        """0 = nothing to do; 1 = work is pending; 2 = files and ledger do not fit together."""
        if self.state.problems:
            return EXIT_BROKEN
        pending = self.state.pending or self.roles or self.repeatables
        return EXIT_PENDING if pending else EXIT_CLEAN

    @property
    def summary(self) -> str:
        """The exit code in a word: "clean", "pending" or "broken"."""
        return ("clean", "pending", "broken")[self.exit_code]

    def status_json(self) -> dict[str, Any]:
        """Return the document of `status --json`; its keys are stable, more may be added."""
        return {
            "state": self.summary,
            "database": self.database,
            "server_version": self.server_version,
            "standby": self.standby,
            "initialised": self.initialised,
            "projects": [project.name for project in self.projects],
            "applied": [
                {
                    "id": row.id,
                    "state": row.state,
                    "applied_at": row.applied_at.isoformat(),
                    "applied_by": row.applied_by,
                    "duration_ms": row.duration_ms,
                }
                for row in self.state.applied
            ],
            "pending": [migration.id for migration in self.state.pending],
            "interrupted": sorted(self.state.resumed),
            "not_applicable": [migration.id for migration in self.state.not_applicable],
            "roles_pending": [project.name for project in self.roles],
            "repeatables_pending": [file.key for file, _ in self.repeatables],
            "removed_files": [
                {"key": item.key, "objects": list(item.objects)} for item in self.removed
            ],
            "problems": self._problems(),
            "other_projects_applied": self.state.others,
        }

    def plan_json(self) -> dict[str, Any]:
        """Return the document of `plan --json`; its keys are stable, more may be added."""
        return {
            "state": self.summary,
            "database": self.database,
            "steps": self.steps(),
            "not_applicable": [migration.id for migration in self.state.not_applicable],
            "problems": self._problems(),
        }

    def steps(self) -> list[dict[str, Any]]:
        """Return what `up` would do, in order: action, name, path, reason, transactional."""
        steps: list[dict[str, Any]] = [
            {
                "action": "roles",
                "name": project.name,
                "path": display(project.roles),
                "reason": "changed" if self.initialised else "new",
                "transactional": True,
            }
            for project in self.roles
        ]
        steps += [
            {
                "action": "migrate",
                "name": migration.id,
                "path": migration.where,
                "reason": "interrupted" if migration.id in self.state.resumed else "new",
                "transactional": migration.transactional,
            }
            for migration in self.state.pending
        ]
        steps += [
            {
                "action": file.kind,
                "name": file.key,
                "path": display(file.path),
                "reason": reason,
                "transactional": True,
            }
            for file, reason in self.repeatables
        ]
        return steps

    def _problems(self) -> list[dict[str, str]]:
        return [dict(problem.__dict__) for problem in self.state.problems]


def survey(conn: Connection, projects: Sequence[Project], *, to: str | None = None) -> Survey:
    """Look at a database, without locks beyond those of reading.

    Args:
        conn: A connection; a standby and a role with SELECT only will do.
        projects: The projects.
        to: Id of the last migration that `up` would apply; None = all.

    Raises:
        PgerpError: a file is wrong, there is no migration `to`, or this role may not read the
            runner's tables.
    """
    migrations = discover(projects)
    files = repeatables.discover(projects)
    known = history.read(conn)
    state = compare(projects, migrations, known, read_schemas(conn))
    state = replace(state, pending=select(state, to))
    due = repeatables.pending(conn, files, migrated=bool(state.pending))
    regranted = repeatables.regranted(conn, files)
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT current_database(), pg_is_in_recovery()").fetchone()
    database, standby = row or ("", False)
    version = conn.info.server_version
    return Survey(
        database=database,
        server_version=f"{version // 10000}.{version % 10000}",
        standby=standby,
        projects=list(projects),
        initialised=known.exists,
        state=state,
        roles=roles.pending(conn, projects, known, regranted),
        repeatables=[(file, _reason(file, known, regranted)) for file in due],
        removed=repeatables.removed(conn, files),
    )


def _reason(file: Repeatable, known: history.Known, regranted: Collection[str]) -> str:
    checksum = known.repeatables.get(file.key)
    if checksum is None:
        return "new"
    if checksum != file.checksum:
        return "changed"
    if file.kind == "grant" and file.project.name in regranted:
        return "by hand"
    return "always" if file.always else "missing"
