"""Which modules of pgerp a database has: all, or those that it was made for.

A service of its own has only its modules and what they rest on. The choice is made by the first
`pgerp up --modules` and is kept in the database, so that every later command goes by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgerp import history
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.migrationfiles import LINKS
from pgerp.project import OWN, Project

BASE = ("core", "identity", "audit", "events")
"""What every database has."""

NEEDS = {"messaging": "party", "lending": "messaging"}
"""What a module cannot do without: whom it writes to or lends to, and by what it reminds them."""


def chosen(projects: Sequence[Project]) -> frozenset[str] | None:
    """Return the modules of pgerp that the projects are reduced to; None = all."""
    return next((project.modules for project in projects if project.name == OWN), None)


def reduced(projects: Sequence[Project], modules: Iterable[str] | None) -> list[Project]:
    """Return the projects, pgerp's own reduced to some modules and what all need; None = all.

    Raises:
        PgerpError: there is no module of a name, or one that another cannot do without is left out.
    """
    if modules is None:
        return list(projects)
    names = frozenset(modules) | frozenset(BASE)
    own = next(project for project in projects if project.name == OWN)
    present = {path.name for path in own.migrations.iterdir() if path.is_dir()} - {LINKS}
    if unknown := sorted(names - present):
        raise PgerpError(
            f'there is no module "{unknown[0]}"',
            hint=f"The modules are: {', '.join(sorted(present))}.",
        )
    for module in sorted(names & NEEDS.keys()):
        if NEEDS[module] not in names:
            raise PgerpError(
                f"{module} needs {NEEDS[module]} in the same database",
                hint=f"Name both: {NEEDS[module]}, {module}.",
            )
    return [replace(project, modules=names) if project is own else project for project in projects]


def read(conn: Connection) -> frozenset[str] | None:
    """Return the modules that the database was made for; None = all.

    Raises:
        PgerpError: they are on record, but this role may not read that (42501).
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        try:
            there = cursor.execute(
                "SELECT FROM pg_catalog.pg_class AS c INNER JOIN pg_catalog.pg_namespace AS n"
                " ON n.oid = c.relnamespace WHERE n.nspname = 'pgerp' AND c.relname = 'modules'"
            ).fetchall()
            if not there:
                return None
            rows = cursor.execute("SELECT name FROM pgerp.modules").fetchall()
        except psycopg.errors.InsufficientPrivilege as error:
            raise history.unreadable(error) from None
    return frozenset(name for (name,) in rows)


def for_database(
    conn: Connection, projects: Sequence[Project], added: Iterable[str] | None = None
) -> list[Project]:
    """Return the projects as a database is to have them.

    Args:
        conn: A connection to it.
        projects: The projects whole.
        added: Modules that it is to have besides; None = as it is.

    Raises:
        PgerpError: it has all modules already, or there is no module of a name.
    """
    present = read(conn)
    if added is None:
        return reduced(projects, present)
    if present is None and history.exists(conn):
        raise PgerpError(
            "the database has all modules",
            where=f"database {conn.info.dbname}",
            hint="Leave --modules out. Only a database that is new can be made for some modules.",
        )
    return reduced(projects, {*(present or ()), *added})


def record_sql(modules: Iterable[str]) -> str:
    """Return the statements that record the modules that a database has."""
    names = "), (".join(sql.Literal(name).as_string() for name in sorted(modules))
    return (
        "CREATE TABLE IF NOT EXISTS pgerp.modules"
        " (name text CONSTRAINT modules_pkey PRIMARY KEY);\n"
        "COMMENT ON TABLE pgerp.modules IS"
        " 'The modules that this database has; without this table it has all of them.';\n"
        f"INSERT INTO pgerp.modules (name) VALUES ({names}) ON CONFLICT DO NOTHING;\n"
    )
