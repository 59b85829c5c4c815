"""Dropping what repeatable files defined, in an order that needs no CASCADE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import psycopg

from pgerp.errors import PgerpError
from pgerp.repeatables.execute import Roles, is_transient
from pgerp.repeatables.graph import Graph, Node
from pgerp.repeatables.model import DEFINING, Repeatable
from pgerp.repeatables.query import rows
from pgerp.sqltext import shorten

_ROUTINES_AND_VIEWS = """
SELECT
    'pg_proc',
    p.oid::bigint,
    n.nspname || '.' || p.proname,
    'ROUTINE',
    format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
FROM pg_proc AS p INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid
WHERE n.nspname || '.' || p.proname = ANY(%(names)s)
UNION ALL
SELECT
    'pg_class',
    c.oid::bigint,
    n.nspname || '.' || c.relname,
    CASE WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
    format('%%I.%%I', n.nspname, c.relname)
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.relkind IN ('v', 'm') AND n.nspname || '.' || c.relname = ANY(%(names)s)
"""

_ON_TABLES = """
SELECT
    format('trigger %%s on %%s.%%s', t.tgname, n.nspname, c.relname),
    format('TRIGGER %%I ON %%I.%%I', t.tgname, n.nspname, c.relname),
    (SELECT s.nspname || '.' || p.proname
    FROM pg_proc AS p INNER JOIN pg_namespace AS s ON p.pronamespace = s.oid WHERE p.oid = t.tgfoid)
FROM pg_trigger AS t
INNER JOIN pg_class AS c ON t.tgrelid = c.oid
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    NOT t.tgisinternal AND t.tgparentid = 0
    AND (
        t.tgfoid = ANY(%(routines)s::oid[])
        OR format('trigger %%s on %%s.%%s', t.tgname, n.nspname, c.relname) = ANY(%(objects)s)
    )
UNION ALL
SELECT DISTINCT
    format('policy %%s on %%s.%%s', l.polname, n.nspname, c.relname),
    format('POLICY %%I ON %%I.%%I', l.polname, n.nspname, c.relname),
    s.nspname || '.' || p.proname
FROM pg_policy AS l
INNER JOIN pg_class AS c ON l.polrelid = c.oid
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = l.oid
INNER JOIN pg_proc AS p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
INNER JOIN pg_namespace AS s ON p.pronamespace = s.oid
WHERE p.oid = ANY(%(routines)s::oid[])
"""


@dataclass(frozen=True)
class _Target:
    """A function or view to drop: its node and name, and what DROP calls it."""

    node: Node
    name: str
    kind: str
    text: str
    owner: str | None


def drop_all(conn: psycopg.Connection[Any], repeatables: Sequence[Repeatable]) -> list[str]:
    """Drop every object of repeatable files, so that migrations can be undone below them.

    Triggers go first (those of the files and any that calls a function of the files), then the
    policies that call such a function, then views and functions, dependents before what they
    depend on. Privileges vanish with the objects. The files' rows in pgerp.repeatables go too, so
    that all of them are pending afterwards.

    Args:
        conn: A connection inside the caller's transaction.
        repeatables: All files, as discover() returned them.

    Returns:
        What was dropped, e.g. "ROUTINE ledger.close_period(p_code text)".

    Raises:
        PgerpError: something that no repeatable file defines depends on one of them.
        psycopg.Error: as it is when a lock was not granted or the connection failed.
    """
    roles = Roles(conn)
    targets = _targets(conn, repeatables)
    dropped = _drop_on_tables(conn, repeatables, targets, roles)
    dropped += _drop(conn, Graph(conn), targets, roles)
    roles.restore()
    conn.execute(
        "DELETE FROM pgerp.repeatables WHERE key = ANY(%s)", ([r.key for r in repeatables],)
    )
    return dropped


def drop_with_dependents(
    conn: psycopg.Connection[Any], broken: Iterable[Repeatable], repeatables: Sequence[Repeatable]
) -> list[Repeatable]:
    """Drop some functions together with the functions and views of files that depend on them.

    Args:
        conn: A connection inside the caller's transaction.
        broken: Files whose objects must go.
        repeatables: All files.

    Returns:
        The files whose objects were dropped.

    Raises:
        PgerpError: something that no repeatable file defines depends on one of them.
    """
    targets = {target.node: target for target in _targets(conn, repeatables)}
    names = {(r.catalog, r.name) for r in broken}
    graph = Graph(conn)
    doomed = graph.closure([n for n, t in targets.items() if (n[0], t.name) in names], targets)
    roles = Roles(conn)
    _drop(conn, graph, [targets[node] for node in doomed], roles)
    roles.restore()
    gone = {(node[0], targets[node].name) for node in doomed}
    return [r for r in repeatables if r.kind in DEFINING and (r.catalog, r.name) in gone]


def _targets(conn: psycopg.Connection[Any], repeatables: Iterable[Repeatable]) -> list[_Target]:
    """Return the functions and views of files that the catalog has."""
    files = {(r.catalog, r.name): r for r in repeatables if r.kind in DEFINING}
    return [
        _Target((catalog, oid), name, kind, text, files[catalog, name].project.owner)
        for catalog, oid, name, kind, text in rows(
            conn, _ROUTINES_AND_VIEWS, {"names": [name for _, name in files]}
        )
        if (catalog, name) in files
    ]


def _drop_on_tables(
    conn: psycopg.Connection[Any],
    repeatables: Sequence[Repeatable],
    targets: Sequence[_Target],
    roles: Roles,
) -> list[str]:
    """Drop triggers and policies on tables."""
    owners = {name: r.project.owner for r in repeatables for name in r.objects}
    owners |= {t.name: t.owner for t in targets if t.node[0] == "pg_proc"}
    found = rows(
        conn,
        _ON_TABLES,
        {
            "routines": [t.node[1] for t in targets if t.node[0] == "pg_proc"],
            "objects": list(owners),
        },
    )
    # One that calls several functions of the files is found once for each.
    once = {text: owners.get(key, owners.get(routine)) for key, text, routine in found}
    for text, owner in once.items():
        roles.become(owner)
        _execute(conn, f"DROP {text}")
    return list(once)


def _drop(
    conn: psycopg.Connection[Any], graph: Graph, targets: Sequence[_Target], roles: Roles
) -> list[str]:
    """Drop functions and views, dependents first, as many in one statement as can be."""
    by_node = {target.node: target for target in targets}
    for nodes in graph.drop_order(by_node):
        level = sorted((by_node[n] for n in nodes), key=lambda t: (t.kind, t.owner or "", t.text))
        for (kind, owner), group in groupby(level, key=lambda t: (t.kind, t.owner)):
            roles.become(owner)
            _execute(conn, f"DROP {kind} " + ", ".join(target.text for target in group))
    return [f"{target.kind} {target.text}" for target in targets]


def _execute(conn: psycopg.Connection[Any], statement: str) -> None:
    """Run a statement whose names PostgreSQL itself has quoted."""
    try:
        conn.execute(statement.encode())
    except psycopg.Error as error:
        if is_transient(error):
            raise
        raise PgerpError(
            (error.diag.message_primary or str(error)).rstrip("."),
            statement=shorten(statement),
            sqlstate=error.sqlstate,
            detail=" ".join((error.diag.message_detail or "").split()) or None,
            hint="Functions that tables use (DEFAULT, CHECK, indexes) belong in migrations; "
            "drop what else depends on it in a migration.",
        ) from error
