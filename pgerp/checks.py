"""sql/checks/<module>/<invariant>.sql: each file is one SELECT of offenders; no row = healthy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.project import OWN, Project
from pgerp.sqltext import Statement, display, guard, read, shorten

FOLDER = "sql/checks"
SAMPLE = 5
"""How many offenders are kept of each check."""

_QUERY = re.compile(r"(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: "<module>/<invariant>"; for other projects than our own with "<project>:" before it.
        title: What holds when it finds nothing: the file's first comment.
        module: The schema that it is about.
        path: The file.
        statement: Its SELECT.
    """

    name: str
    title: str
    module: str
    path: Path
    statement: Statement


@dataclass(frozen=True)
class Outcome:
    """What one check found.

    Attributes:
        check: The check.
        state: "ok", "offenders", "not checked" (it could not be run), or "not applicable" (its
            schema is not in this database).
        offenders: Number of rows that it returned.
        columns: Their columns.
        sample: The first of them, at most SAMPLE, as text.
        reason: Why it was not checked, as sentences.
    """

    check: Check
    state: Literal["ok", "offenders", "not checked", "not applicable"]
    offenders: int = 0
    columns: tuple[str, ...] = ()
    sample: list[tuple[str | None, ...]] = field(default_factory=list)
    reason: str | None = None


def discover(projects: Sequence[Project]) -> list[Check]:
    """Find every check, by project and path.

    Raises:
        PgerpError: with file:line: a misplaced file, one without a title, or one that is not
            exactly one SELECT.
    """
    return [
        _load(project, path)
        for project in projects
        for path in sorted((project.root / FOLDER).rglob("*.sql"))
    ]


def run(conn: psycopg.Connection[Any], checks: Sequence[Check]) -> list[Outcome]:
    """Run checks one after another, each in a read-only transaction of its own.

    Row security is off: a role that it applies to gets "not checked" instead of an answer from
    only the rows that it may see.

    Args:
        conn: A connection in autocommit mode; a standby will do.
        checks: The checks.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        schemas = {n for (n,) in cursor.execute("SELECT nspname FROM pg_catalog.pg_namespace")}
    return [
        _run(conn, check) if check.module in schemas else Outcome(check, "not applicable")
        for check in checks
    ]


def _load(project: Project, path: Path) -> Check:
    where = display(path)
    inside = path.relative_to(project.root / FOLDER).parts
    if len(inside) != 2:
        raise PgerpError(
            f"the file must be in {FOLDER}/<module>/",
            where=f"{where}:1",
            hint="The folder is the schema that the check is about.",
        )
    text = read(path)
    statements = guard(text, where)
    if len(statements) > 1 or not _QUERY.match(statements[0].text):
        wrong = statements[-1]
        raise PgerpError(
            "a check is one SELECT of offenders",
            where=f"{where}:{wrong.line}",
            statement=shorten(wrong.text),
            hint="Write one SELECT that returns a row for each thing that is wrong.",
        )
    title = text.split("\n", 1)[0]
    if not title.startswith("-- "):
        raise PgerpError(
            "the check has no title",
            where=f"{where}:1",
            hint='Begin the file with what holds, e.g. "-- Every posted entry sums to zero".',
        )
    name = f"{inside[0]}/{path.stem}"
    return Check(
        name=name if project.name == OWN else f"{project.name}:{name}",
        title=title.removeprefix("-- ").strip().rstrip("."),
        module=inside[0],
        path=path,
        statement=statements[0],
    )


def _run(conn: psycopg.Connection[Any], check: Check) -> Outcome:
    query = (
        f"WITH offenders AS MATERIALIZED (\n{check.statement.text}\n)\n"
        f"SELECT count(*) OVER (), offenders.* FROM offenders LIMIT {SAMPLE}"
    )
    try:
        with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SET LOCAL row_security = off")
            cursor.execute("SET LOCAL search_path = ''")
            rows = cursor.execute(query.encode()).fetchall()
            columns = tuple(column.name for column in cursor.description or ())[1:]
    except psycopg.Error as error:
        if conn.closed:
            raise
        return Outcome(check, "not checked", reason=_reason(error, check))
    if not rows:
        return Outcome(check, "ok")
    return Outcome(
        check,
        "offenders",
        offenders=rows[0][0],
        columns=columns,
        sample=[tuple(None if v is None else str(v) for v in row[1:]) for row in rows],
    )


def _reason(error: psycopg.Error, check: Check) -> str:
    """Say why a check could not be run."""
    message = (error.diag.message_primary or str(error)).strip().rstrip(".")
    reason = f"{display(check.path)}: {message} (SQLSTATE {error.sqlstate})."
    if error.sqlstate == "42501":
        reason += (
            " Run verify as a role that sees every row: a superuser, or one with BYPASSRLS and"
            " SELECT on the tables, like pgerp_backup."
        )
    return reason
