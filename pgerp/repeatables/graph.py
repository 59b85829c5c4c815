"""Who depends on whom in the catalog, and the order in which things can be dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import psycopg

from pgerp.repeatables.query import rows

Node = tuple[str, int]
"""An object: its catalog ("pg_class", "pg_proc", …) and oid. A view's rule and row type are it."""

_EDGES = """
SELECT DISTINCT
    (
        SELECT k.relname FROM pg_class AS k
        WHERE k.oid = CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END
    ),
    coalesce(r.ev_class, d.objid)::bigint,
    (
        SELECT k.relname FROM pg_class AS k
        WHERE k.oid = CASE WHEN t.oid IS NULL THEN d.refclassid ELSE 'pg_class'::regclass END
    ),
    coalesce(t.relation, d.refobjid)::bigint
FROM pg_depend AS d
LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
LEFT JOIN (
    SELECT t.oid, coalesce(nullif(t.typrelid, 0), e.typrelid) AS relation
    FROM pg_type AS t LEFT JOIN pg_type AS e ON t.typelem = e.oid AND t.typcategory = 'A'
    WHERE coalesce(nullif(t.typrelid, 0), e.typrelid, 0) <> 0
) AS t ON d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid
WHERE d.deptype = 'n' AND d.refobjid >= 16384 AND d.objid >= 16384
"""


class Graph:
    """The dependencies between user objects, as they are in the catalog now."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._dependents: dict[Node, set[Node]] = {}
        self._sources: dict[Node, set[Node]] = {}
        for kind, oid, source_kind, source_oid in rows(conn, _EDGES):
            node, source = (kind, oid), (source_kind, source_oid)
            if node != source:
                self._dependents.setdefault(source, set()).add(node)
                self._sources.setdefault(node, set()).add(source)

    def dependents(self, node: Node) -> set[Node]:
        """Return what depends directly on an object."""
        return self._dependents.get(node, set())

    def sources(self, node: Node) -> set[Node]:
        """Return what an object depends on directly."""
        return self._sources.get(node, set())

    def closure(self, nodes: Iterable[Node], among: Collection[Node]) -> set[Node]:
        """Return `nodes` and those of `among` that depend on them, however indirectly."""
        found: set[Node] = set()
        todo = list(nodes)
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo.extend(n for n in self.dependents(node) if n in among)
        return found

    def drop_order(self, nodes: Iterable[Node]) -> list[list[Node]]:
        """Return `nodes` in groups: nothing that is left depends on a group when its turn comes.

        Objects that depend on each other in a circle come as one last group.
        """
        left = set(nodes)
        groups = []
        while left:
            free = {n for n in left if not (self.dependents(n) & left)} or set(left)
            groups.append(sorted(free))
            left -= free
        return groups
