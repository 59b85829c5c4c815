"""Seeds: SQL files that fill tables and may run again, and the demonstration's books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from pgerp.errors import PgerpError
from pgerp.importer import ImportOptions, ImportResult, Progress, import_file
from pgerp.project import OWN, Project
from pgerp.script import ScriptError, describe
from pgerp.sqltext import display, guard, read

KINDS = ("reference", "demo")
"""reference: what every database needs; demo: the demonstration's tenant."""

DEMO_TENANT = "Demo"
DEMO_BUSINESS = "MAIN"
DEMO_JOURNAL = "journal.csv"

_REMEDIES = {
    "42P01": "Bring the database up to date: pgerp up.",
    "22023": "Is the role missing? Run pgerp up.",
}

_COUNTED = ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY")


@dataclass(frozen=True)
class Seeded:
    """A seed file that was run: `rows` were inserted, updated or deleted; 0 = all was there."""

    path: Path
    rows: int


def seed_files(project: Project, kind: str) -> list[Path]:
    """Return the SQL files of one kind of seed of a project, in the order of their paths."""
    folder = project.root / "seeds" / kind
    return [
        path
        for path in sorted(folder.glob("**/*.sql"))
        if project.has(path.relative_to(folder).parts[0])
    ]


def run_seeds(
    connection: psycopg.Connection, projects: Sequence[Project], kind: str
) -> Iterator[Seeded]:
    """Run the seed files of one kind, each in one transaction as the project's owner.

    Args:
        connection: An open connection in autocommit of a role that may act as the owners.
        projects: Whose `seeds/<kind>/**/*.sql`, in their order.
        kind: One of KINDS.

    Yields:
        Each file once it is committed.

    Raises:
        PgerpError: A file holds transaction control or fails; with file:line. Those before it stay.
    """
    for project in projects:
        for path in seed_files(project, kind):
            yield Seeded(path, _run(connection, project, path))


def _run(connection: psycopg.Connection, project: Project, path: Path) -> int:
    text, where = read(path), display(path)
    statements = guard(text, where)
    rows = 0
    try:
        with connection.transaction(), connection.cursor() as cursor:
            if project.owner is not None:
                role = sql.Identifier(project.owner)
                cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
            # Bytes without parameters go as one simple query: the file whole, many statements.
            cursor.execute(text.encode())
            for _ in cursor.results():
                words = (cursor.statusmessage or "").split()
                if words and words[0] in _COUNTED:
                    rows += int(words[-1])
    except psycopg.Error as error:
        failed = ScriptError(error, 0)
        hint = _REMEDIES.get(error.sqlstate or "")
        raise describe(failed, text, statements, where, hint=hint) from error
    return rows


def import_demo(
    connection: psycopg.Connection, projects: Sequence[Project], progress: Progress
) -> ImportResult:
    """Import the sample journal into the demonstration's tenant, making what is missing.

    Raises:
        PgerpError: The sample is missing, or the import fails.
    """
    own = next(project for project in projects if project.name == OWN)
    path = own.root / "seeds" / "demo" / DEMO_JOURNAL
    options = ImportOptions(DEMO_TENANT, DEMO_BUSINESS, create=True)
    result = import_file(connection, path, options, progress=progress)
    if result.problem_count:
        first = result.problems[0]
        raise PgerpError(
            f"the sample journal cannot be imported: {first.reason}",
            where=f"{display(path)}:{first.line}",
            detail=f"It has {result.problem_count} problems.",
            hint=f"Were tenant {DEMO_TENANT!r} or the file changed by hand? "
            "Use a fresh database for the demonstration.",
        )
    return result
