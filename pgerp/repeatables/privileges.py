"""Whether somebody granted or revoked by hand since the files of grants were applied.

A digest of who may what is kept in pgerp.history. It covers what a project's owner has in its
schemas, and what PUBLIC and the roles that are named after the project (pgerp_app, …) may do with
it; not what was granted to others, nor partitions, which come and go with the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from pgerp.repeatables.model import Repeatable
from pgerp.repeatables.query import rows

# Names are put together here: what regclass and its like show depends on the search_path.
_DIGEST = """
WITH ours AS (
    SELECT n.oid, n.nspname, n.nspacl, n.nspowner
    FROM pg_namespace AS n
    WHERE n.nspowner = to_regrole(quote_ident(%(owner)s)) AND n.nspname NOT IN ('pgerp', 'public')
),
classes AS (
    SELECT s.nspname || '.' || c.relname AS name, c.oid, c.relkind, c.relacl, c.relowner
    FROM pg_class AS c INNER JOIN ours AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT c.relispartition
),
acls AS (
    SELECT 'schema ' || s.nspname AS name, coalesce(s.nspacl, acldefault('n', s.nspowner)) AS acl
    FROM ours AS s
    UNION ALL
    SELECT c.name, coalesce(
        c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
    )
    FROM classes AS c
    UNION ALL
    SELECT c.name || '.' || a.attname, a.attacl
    FROM classes AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
    UNION ALL
    SELECT 'function ' || s.nspname || '.' || p.proname,
        coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc AS p INNER JOIN ours AS s ON s.oid = p.pronamespace
    UNION ALL
    SELECT 'type ' || s.nspname || '.' || t.typname,
        coalesce(t.typacl, acldefault('T', t.typowner))
    FROM pg_type AS t INNER JOIN ours AS s ON s.oid = t.typnamespace
    WHERE t.typtype IN ('d', 'e')
    UNION ALL
    SELECT concat_ws(
        ' ', 'default', d.defaclrole::regrole, nullif(d.defaclnamespace, 0)::regnamespace,
        d.defaclobjtype
    ), d.defaclacl
    FROM pg_default_acl AS d
    WHERE starts_with(d.defaclrole::regrole::text, %(project)s || '_')
)
SELECT encode(sha256(convert_to(
    coalesce(string_agg(g.line, E'\\n' ORDER BY g.line COLLATE "C"), ''), 'UTF8'
)), 'hex')
FROM (
    SELECT concat_ws(' ', o.name, r.rolname, a.privilege_type, a.is_grantable) AS line
    FROM acls AS o
    CROSS JOIN LATERAL aclexplode(o.acl) AS a
    LEFT JOIN pg_roles AS r ON r.oid = a.grantee
    WHERE a.grantee = 0 OR starts_with(r.rolname, %(project)s || '_')
) AS g
"""


def digests(conn: psycopg.Connection[Any], repeatables: Iterable[Repeatable]) -> dict[str, str]:
    """Return, by project, the SHA-256 of who may what, for projects with files of grants."""
    projects = {r.project.name: r.project.owner for r in repeatables if r.kind == "grant"}
    return {
        name: str(rows(conn, _DIGEST, {"project": name, "owner": owner})[0][0])
        for name, owner in sorted(projects.items())
    }


def kept(conn: psycopg.Connection[Any]) -> dict[str, str]:
    """Return, by project, the digest that was kept last; none where the runner never ran."""
    if rows(conn, "SELECT to_regclass('pgerp.history')") == [(None,)]:
        return {}
    return dict(
        rows(
            conn,
            "SELECT DISTINCT ON (detail) detail, checksum FROM pgerp.history"
            " WHERE action = 'privileges' ORDER BY detail, id DESC",
        )
    )


def changed(conn: psycopg.Connection[Any], repeatables: Iterable[Repeatable]) -> set[str]:
    """Return the projects whose privileges are not those that the last `up` left.

    Reads only, works on a standby.
    """
    before = kept(conn)
    found = digests(conn, repeatables) if before else {}
    return {name for name, digest in found.items() if before.get(name, digest) != digest}
