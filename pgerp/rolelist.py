"""What the roles of the database may do, read from its catalog."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from pgerp.errors import PgerpError

_ROLES = r"""
SELECT
    r.rolname::text,
    r.rolcanlogin,
    r.rolsuper,
    r.rolbypassrls,
    r.rolcreaterole OR r.rolcreatedb,
    coalesce(shobj_description(r.oid, 'pg_authid'), ''),
    ARRAY(
        SELECT m.rolname::text FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member
        WHERE a.roleid = r.oid GROUP BY 1 ORDER BY m.rolname::text COLLATE "C"
    ),
    ARRAY(
        SELECT g.rolname::text FROM pg_auth_members AS a JOIN pg_roles AS g ON g.oid = a.roleid
        WHERE a.member = r.oid GROUP BY 1 ORDER BY g.rolname::text COLLATE "C"
    )
FROM pg_roles AS r
WHERE r.rolname ~ '^pgerp_(owner|migrator|app|readonly|auditor|monitor|backup)$'
    OR EXISTS (
        SELECT FROM pg_roles AS p
        WHERE p.rolname ~ '^pgerp_' AND p.oid <> r.oid AND NOT r.rolsuper
            AND pg_has_role(r.oid, p.oid, 'MEMBER')
    )
ORDER BY r.rolname::text COLLATE "C"
"""

# What has_..._privilege says, so what a role has by membership and as owner counts too.
_PRIVILEGES = """
WITH ours AS (
    SELECT n.oid, n.nspname::text AS name FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
),
privileges AS (
    SELECT
        r.rolname::text AS role, s.name AS schema, c.relname::text AS object,
        CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view' ELSE 'table' END AS kind,
        p.name AS privilege
    FROM ours AS s
    JOIN pg_class AS c ON c.relnamespace = s.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
        AND NOT c.relispartition
    CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS p (name)
    CROSS JOIN pg_roles AS r
    WHERE r.rolname = ANY (%(roles)s) AND CASE
        WHEN c.relkind <> 'S' THEN has_table_privilege(r.oid, c.oid, p.name)
        WHEN p.name IN ('SELECT', 'UPDATE') THEN has_sequence_privilege(r.oid, c.oid, p.name)
    END
    UNION ALL
    SELECT r.rolname::text, s.name, f.oid::regprocedure::text, 'function', 'EXECUTE'
    FROM ours AS s
    JOIN pg_proc AS f ON f.pronamespace = s.oid
    CROSS JOIN pg_roles AS r
    WHERE r.rolname = ANY (%(roles)s) AND has_function_privilege(r.oid, f.oid, 'EXECUTE')
    UNION ALL
    SELECT r.rolname::text, s.name, s.name, 'schema', p.name
    FROM ours AS s
    CROSS JOIN unnest('{USAGE,CREATE}'::text[]) AS p (name)
    CROSS JOIN pg_roles AS r
    WHERE r.rolname = ANY (%(roles)s) AND has_schema_privilege(r.oid, s.oid, p.name)
)
SELECT role, schema, kind, privilege, array_agg(object ORDER BY object COLLATE "C")
FROM privileges
GROUP BY role, schema, kind, privilege
ORDER BY role COLLATE "C", schema COLLATE "C", kind COLLATE "C", privilege COLLATE "C"
"""


@dataclass(frozen=True)
class Grant:
    """What a role may do with objects of one kind in one schema.

    Attributes:
        schema: The schema.
        kind: table, view, materialized view, sequence, function or schema.
        privilege: SELECT, INSERT, UPDATE, DELETE, TRUNCATE, EXECUTE, USAGE or CREATE.
        objects: Their names; functions with their arguments.
    """

    schema: str
    kind: str
    privilege: str
    objects: list[str]


@dataclass
class Role:
    """A role of pgerp, or one that is a member of it.

    Attributes:
        name: The role.
        can_login: Whether it may connect.
        is_superuser: Whether nothing holds it.
        bypasses_row_security: Whether policies do not hold it.
        makes_roles_or_databases: Whether it has CREATEROLE or CREATEDB.
        comment: What it is for.
        members: Who is a member of it, directly.
        member_of: What it is a member of, directly.
        grants: What it may do, by membership and as owner too; partitions are left out.
    """

    name: str
    can_login: bool
    is_superuser: bool
    bypasses_row_security: bool
    makes_roles_or_databases: bool
    comment: str
    members: list[str]
    member_of: list[str]
    grants: list[Grant] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def list_roles(connection: psycopg.Connection) -> list[Role]:
    """Return the roles of pgerp and their members, by name, with what they may do here.

    Raises:
        PgerpError: The server has none.
    """
    roles = {row[0]: Role(*row) for row in connection.execute(_ROLES)}
    if not roles:
        raise PgerpError(
            "the server has no role of pgerp",
            where=connection.info.dbname,
            hint="Make them with the rest: pgerp up.",
        )
    for role, *grant in connection.execute(_PRIVILEGES, {"roles": list(roles)}):
        roles[role].grants.append(Grant(*grant))
    return list(roles.values())
