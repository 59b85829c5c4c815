"""Versioned migrations: files that run once, found and ordered by yoyo, read by us.

`migrations/<module>/YYYYMMDD_HHMM_<module>_<what>.sql`, with `….rollback.sql` beside it. Headers:
`-- depends: id id`, `-- transactional: false` (one statement that PostgreSQL refuses in a
transaction) and, in `migrations/links/` only, `-- links: schema_a schema_b` (the file is applied
where both schemas are). Within a project the order is: the modules' files by name, then links;
dependencies may move a file back. Projects follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.migrationfiles import LINKS, ROLLBACK, FileHeaders, find_files, read_headers
from pgerp.project import Project
from pgerp.sqltext import Statement, checksum, display, guard, read
from pgerp.suggest import suggest


@dataclass(frozen=True)
class Migration:
    """One versioned migration.

    Attributes:
        id: The file's stem; for other projects than our own "<project>/<stem>".
        project: The project that it belongs to.
        path: The file.
        sql: Its normalised text, sent as it is.
        checksum: SHA-256 of `sql`.
        depends: Ids that must be applied before it.
        transactional: False: a single statement that runs outside a transaction.
        rollback: The file that undoes it, if there is one.
        links: Schemas that a links file joins; empty for every other file.
    """

    id: str
    project: Project
    path: Path
    sql: str
    checksum: str
    depends: frozenset[str]
    transactional: bool
    rollback: Path | None
    links: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The file's name without .sql: what sorts, and what yoyo knows it by."""
        return self.path.stem

    @property
    def module(self) -> str:
        """The folder that it is in: "ledger", "links", …."""
        return self.path.parent.name

    @property
    def where(self) -> str:
        """The file's name for messages."""
        return display(self.path)

    @cached_property
    def statements(self) -> list[Statement]:
        """Its statements.

        Raises:
            PgerpError: the file holds what cannot be sent (see `sqltext.guard`), or more than one
                statement though it is not transactional.
        """
        statements = guard(self.sql, self.where)
        if not self.transactional and len(statements) > 1:
            raise PgerpError(
                "a file with the header transactional: false holds one statement only",
                where=f"{self.where}:{statements[1].line}",
                detail=f"This one holds {len(statements)}.",
                hint="Move each further statement to a migration of its own.",
            )
        return statements


def discover(projects: Sequence[Project]) -> list[Migration]:
    """Find every migration, in the order in which they are applied.

    Args:
        projects: The projects, in the order in which they are applied.

    Returns:
        All migrations, dependencies first.

    Raises:
        PgerpError: a misnamed or misplaced file, two files with one id, a rollback file without
            its migration, a wrong header, an unknown dependency, or a cycle of them.
    """
    found: dict[str, Migration] = {}
    headers: dict[str, FileHeaders] = {}
    left_out: set[str] = set()
    for project in projects:
        paths, rollbacks = find_files(project.migrations)
        for path in paths:
            id = project.qualify(path.stem)
            if not (project.has(path.parent.name) or path.parent.name == LINKS):
                left_out.add(id)
                continue
            sql = read(path)
            said = read_headers(path, sql)
            if any(project.has(module) for module in said.without):
                left_out.add(id)
                continue
            rollback = path.with_name(path.stem + ROLLBACK)
            headers[id] = said
            found[id] = Migration(
                id=id,
                project=project,
                path=path,
                sql=sql,
                checksum=checksum(sql),
                depends=frozenset(),
                transactional=headers[id].transactional,
                rollback=rollback if rollback in rollbacks else None,
                links=headers[id].links,
            )
    for id, migration in found.items():
        depends = frozenset(
            _resolve(migration, name, line, found)
            for name, line in headers[id].depends
            # Between modules a dependency is an order; what is not here has none.
            if name not in left_out
        )
        found[id] = replace(migration, depends=depends)
    return list(_sort(found))


def _resolve(migration: Migration, name: str, line: int, found: dict[str, Migration]) -> str:
    """Return the id meant by a name in a depends header: its own project's first, then ours."""
    where = f"{migration.where}:{line}"
    id = next((id for id in (migration.project.qualify(name), name) if id in found), None)
    if id is None:
        raise PgerpError(
            f"it depends on {name}, which does not exist",
            where=where,
            hint=suggest(name, found, "Write ids, separated by blanks."),
        )
    if found[id].links and not migration.links:
        raise PgerpError(
            f"it depends on {id}, which is not applied everywhere",
            where=where,
            hint="Only files in migrations/links/ can depend on such a file.",
        )
    return id


def _sort(found: dict[str, Migration]) -> Iterable[Migration]:
    """Return the migrations with dependencies first, otherwise in the order they are in."""
    from yoyo.topologicalsort import CycleError, topological_sort

    graph = {id: migration.depends for id, migration in found.items()}
    try:
        return [found[id] for id in topological_sort(graph, graph)]
    except CycleError as error:
        cycle: list[str] = error.args[1]
        raise PgerpError(
            "the migrations depend on each other in a circle",
            where=found[cycle[0]].where,
            detail=f"Among: {', '.join(cycle)}.",
            hint="Remove one of their depends headers.",
        ) from None
