"""Whether the catalog and the files agree on which functions and views there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pgerp.project import Project
from pgerp.repeatables import state
from pgerp.repeatables.model import DEFINING, Repeatable
from pgerp.repeatables.query import rows

_CREATED = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE|AGGREGATE|(?:MATERIALIZED\s+)?VIEW)\s+"
    r'(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?\s*\.\s*"?(\w+)',
    re.IGNORECASE,
)

_PRESENT = """
SELECT 'function ' || n.nspname || '.' || p.proname
FROM pg_proc AS p INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid
WHERE
    n.nspname = ANY(%(schemas)s)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i')
    )
UNION
SELECT
    CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END
    || n.nspname || '.' || c.relname
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    c.relkind IN ('v', 'm') AND n.nspname = ANY(%(schemas)s)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
"""


@dataclass(frozen=True)
class Disagreements:
    """Where catalog and files differ; both empty = they agree.

    Attributes:
        undefined: In the catalog, in a schema of the projects, but in no file and no migration.
        absent: Defined by a file, but not in the catalog.
    """

    undefined: tuple[str, ...]
    absent: tuple[str, ...]


def disagreements(
    conn: psycopg.Connection[Any],
    repeatables: Sequence[Repeatable],
    projects: Sequence[Project],
) -> Disagreements:
    """Compare the functions and views of the projects' schemas with the files, both ways.

    Functions that DEFAULT, CHECK or indexes use are made by migrations: the names in their CREATE
    statements count as files.

    Args:
        conn: A connection; reads only.
        repeatables: All files, as discover() returned them.
        projects: The projects that they belong to.
    """
    migrations = [path for p in projects for path in sorted(p.migrations.rglob("*.sql"))]
    made = {
        f"{schema}.{name}".lower()
        for path in migrations
        if not path.name.endswith(".rollback.sql")
        for schema, name in _CREATED.findall(path.read_text("utf-8"))
    }
    defined = {name for r in repeatables if r.kind in DEFINING for name in r.objects}
    schemas = {path.parent.name for path in migrations}
    schemas |= {r.name.partition(".")[0] for r in repeatables if r.kind in DEFINING}
    present = {name for (name,) in rows(conn, _PRESENT, {"schemas": sorted(schemas)})}
    return Disagreements(
        undefined=tuple(sorted(n for n in present - defined if n.rpartition(" ")[2] not in made)),
        absent=tuple(sorted(defined - state.existing(conn, defined))),
    )
