"""Changing views: what depends on them is dropped with them, and comes back with its privileges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from pgerp.errors import PgerpError
from pgerp.repeatables.execute import Roles
from pgerp.repeatables.graph import Graph, Node
from pgerp.repeatables.model import Repeatable
from pgerp.repeatables.query import rows

_VIEWS = """
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind = 'm'
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384
"""

_PRIVILEGES = """
WITH granted AS (
    SELECT c.oid, NULL::name AS attname, acldefault('r', c.relowner) AS standard, c.relacl AS acl
    FROM pg_class AS c
    WHERE c.oid = ANY(%s::oid[])
    UNION ALL
    SELECT a.attrelid, a.attname, NULL, a.attacl
    FROM pg_attribute AS a
    WHERE a.attrelid = ANY(%s::oid[]) AND a.attacl IS NOT NULL AND NOT a.attisdropped
)

SELECT
    n.nspname,
    c.relname,
    g.attname,
    CASE WHEN e.grantee = 0 THEN NULL ELSE pg_get_userbyid(e.grantee) END,
    e.privilege_type,
    e.is_grantable
FROM granted AS g
INNER JOIN pg_class AS c ON g.oid = c.oid
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
CROSS JOIN LATERAL aclexplode(coalesce(g.acl, g.standard)) AS e
"""


_COLUMNS = """
SELECT n.nspname, c.relname, a.attname
FROM pg_attribute AS a
INNER JOIN pg_class AS c ON a.attrelid = c.oid
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384 AND a.attnum > 0
"""


@dataclass(frozen=True, order=True)
class Privilege:
    """One privilege on a view or one of its columns; role None = PUBLIC."""

    schema: str
    view: str
    column: str
    role: str
    privilege: LiteralString
    grantable: bool


@dataclass
class Dropped:
    """Views that were dropped to be made again.

    Attributes:
        again: The unchanged files among them: dependents of what changed.
        order: What each of these selects from, by name, as the catalog had it.
        privileges: All privileges on the dropped views.
    """

    again: list[Repeatable] = field(default_factory=list)
    order: dict[str, set[str]] = field(default_factory=dict)
    privileges: set[Privilege] = field(default_factory=set)


def drop_changed(
    conn: psycopg.Connection[Any],
    changed: Sequence[Repeatable],
    files: Mapping[str, Repeatable],
    roles: Roles,
) -> Dropped:
    """Drop the views that are about to be made anew, and all views that depend on them.

    Args:
        conn: A connection in the caller's transaction.
        changed: Files of views to apply; those that do not exist yet are passed over.
        files: All files of views by the view's name.
        roles: Switches to the owner of each.

    Returns:
        What has to be made again beside the changed ones, and the privileges to restore.

    Raises:
        PgerpError: something that cannot be made again depends on one of them: a view that no
            file defines, a function, a column, a policy; it is named and nothing is changed.
    """
    views: dict[Node, tuple[str, str, bool]] = {
        ("pg_class", oid): (schema, name, stored)
        for oid, schema, name, stored in rows(conn, _VIEWS)
    }
    names = {node: f"{schema}.{name}" for node, (schema, name, _) in views.items()}
    wanted = {r.name for r in changed}
    start = [node for node, name in names.items() if name in wanted]
    if not start:
        return Dropped()
    graph = Graph(conn)
    doomed = graph.closure(start, views)
    for node in sorted(doomed, key=lambda n: names[n]):
        _refuse_strangers(conn, graph.dependents(node) - doomed, names[node], files)
        if names[node] not in files:
            _refuse(conn, node, names[next(iter(graph.sources(node) & doomed))])
    dropped = Dropped(
        again=[files[names[n]] for n in sorted(doomed) if names[n] not in wanted],
        order={
            names[n]: {names[s] for s in graph.sources(n) & doomed}
            for n in doomed
            if names[n] not in wanted
        },
        privileges=_privileges(conn, [node[1] for node in doomed]),
    )
    for node in (node for group in graph.drop_order(doomed) for node in group):
        schema, name, stored = views[node]
        roles.become(files[names[node]].project.owner)
        kind = sql.SQL("MATERIALIZED VIEW" if stored else "VIEW")
        conn.execute(sql.SQL("DROP {} {}").format(kind, sql.Identifier(schema, name)))
    return dropped


def restore_privileges(
    conn: psycopg.Connection[Any],
    wanted: set[Privilege],
    files: Mapping[str, Repeatable],
    roles: Roles,
) -> None:
    """Give views that were made again the privileges that they had, no more and no less.

    Args:
        conn: A connection in the caller's transaction.
        wanted: What drop_changed() kept. Columns and views that are no more are passed over.
        files: All files of views by the view's name.
        roles: Switches to the owner of each.
    """
    oids = {f"{s}.{n}": oid for oid, s, n, _ in rows(conn, _VIEWS)}
    columns = {(f"{schema}.{view}", column) for schema, view, column in rows(conn, _COLUMNS)}
    for name in sorted({f"{p.schema}.{p.view}" for p in wanted} & oids.keys()):
        before = {p for p in wanted if f"{p.schema}.{p.view}" == name}
        before = {p for p in before if not p.column or (name, p.column) in columns}
        now = _privileges(conn, [oids[name]])
        if now == before:
            continue
        roles.become(files[name].project.owner)
        for privilege in sorted(now - before):
            conn.execute(_statement("REVOKE", privilege))
        for privilege in sorted(before - now):
            conn.execute(_statement("GRANT", privilege))


def _statement(verb: LiteralString, privilege: Privilege) -> sql.Composed:
    """Return GRANT or REVOKE of one privilege."""
    role = sql.Identifier(privilege.role) if privilege.role else sql.SQL("PUBLIC")
    column = (
        sql.SQL(" ({})").format(sql.Identifier(privilege.column))
        if privilege.column
        else sql.SQL("")
    )
    option = verb == "GRANT" and privilege.grantable
    return sql.SQL("{verb} {privilege}{column} ON {view} {direction} {role}{option}").format(
        verb=sql.SQL(verb),
        privilege=sql.SQL(privilege.privilege),
        column=column,
        view=sql.Identifier(privilege.schema, privilege.view),
        direction=sql.SQL("TO" if verb == "GRANT" else "FROM"),
        role=role,
        option=sql.SQL(" WITH GRANT OPTION" if option else ""),
    )


def _privileges(conn: psycopg.Connection[Any], oids: list[int]) -> set[Privilege]:
    return {
        Privilege(schema, view, column or "", role or "", privilege, grantable)
        for schema, view, column, role, privilege, grantable in rows(
            conn, _PRIVILEGES, (oids, oids)
        )
    }


def _refuse_strangers(
    conn: psycopg.Connection[Any], others: set[Node], view: str, files: Mapping[str, Repeatable]
) -> None:
    """Refuse to go on when anything but views depends on a view that must be dropped."""
    for node in sorted(others):
        _refuse(conn, node, view, files.get(view))


def _refuse(
    conn: psycopg.Connection[Any], node: Node, view: str, file: Repeatable | None = None
) -> None:
    """Refuse to drop a view because of one object that depends on it."""
    ((what,),) = rows(
        conn,
        "SELECT pg_describe_object(%s::regclass, %s::oid, 0)",
        (f"pg_catalog.{node[0]}", node[1]),
    )
    raise PgerpError(
        f"{view} cannot be made anew: {what} depends on it",
        where=f"{file.where}:1" if file else view,
        sqlstate="2BP01",
        detail="No file in views/ defines it, so it could not come back; nothing was changed.",
        hint=f"Drop {what} in a migration; what has a file in functions/ comes back by itself.",
    )
