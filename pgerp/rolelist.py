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
    r.rolreplication,
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
WHERE r.rolname ~ '^pgerp_(owner|migrator|app|readonly|auditor|monitor|backup|service|service_.+)$'
    OR EXISTS (
        SELECT FROM pg_roles AS p
        WHERE p.rolname ~ '^pgerp_' AND p.oid <> r.oid AND NOT r.rolsuper
            AND pg_has_role(r.oid, p.oid, 'MEMBER')
    )
ORDER BY r.rolname::text COLLATE "C"
"""

# What has_..._privilege says, so what a role has by membership and as owner counts too.
_PRIVILEGES = """
WITH roles AS (
    SELECT
        r.name,
        CASE r.name WHEN 'PUBLIC' THEN 'public' ELSE r.name END AS grantee
    FROM unnest(%(roles)s::text[]) AS r (name)
),
ours AS (
    SELECT n.oid, n.nspname::text AS name FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
),
privileges AS (
    SELECT
        r.name AS role, s.name AS schema, c.relname::text AS object,
        CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view' ELSE 'table' END AS kind,
        p.name AS privilege
    FROM ours AS s
    JOIN pg_class AS c ON c.relnamespace = s.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
        AND NOT c.relispartition
    CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS p (name)
    CROSS JOIN roles AS r
    WHERE CASE
        WHEN c.relkind <> 'S' THEN has_table_privilege(r.grantee, c.oid, p.name)
        WHEN p.name IN ('SELECT', 'UPDATE') THEN has_sequence_privilege(r.grantee, c.oid, p.name)
    END
    UNION ALL
    SELECT r.name, s.name, f.oid::regprocedure::text, 'function', 'EXECUTE'
    FROM ours AS s
    JOIN pg_proc AS f ON f.pronamespace = s.oid
    CROSS JOIN roles AS r
    WHERE has_function_privilege(r.grantee, f.oid, 'EXECUTE')
    UNION ALL
    SELECT r.name, s.name, t.oid::regtype::text, 'type', 'USAGE'
    FROM ours AS s
    JOIN pg_type AS t ON t.typnamespace = s.oid
    LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    CROSS JOIN roles AS r
    WHERE (t.typtype IN ('d', 'e') OR (t.typtype = 'c' AND c.relkind = 'c'))
        AND has_type_privilege(r.grantee, t.oid, 'USAGE')
    UNION ALL
    SELECT r.name, s.name, s.name, 'schema', p.name
    FROM ours AS s
    CROSS JOIN unnest('{USAGE,CREATE}'::text[]) AS p (name)
    CROSS JOIN roles AS r
    WHERE has_schema_privilege(r.grantee, s.oid, p.name)
    UNION ALL
    SELECT r.name, '', current_database()::text, 'database', p.name
    FROM unnest('{CONNECT,CREATE,TEMPORARY}'::text[]) AS p (name)
    CROSS JOIN roles AS r
    WHERE has_database_privilege(r.grantee, current_database(), p.name)
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
        kind: table, view, materialized view, sequence, function, type or schema.
        privilege: SELECT, INSERT, UPDATE, DELETE, TRUNCATE, EXECUTE, USAGE or CREATE.
        objects: Their names; functions with their arguments.
    """

    schema: str
    kind: str
    privilege: str
    objects: list[str]


@dataclass
class Role:
    """A role of pgerp, one that is a member of it, or PUBLIC.

    Attributes:
        name: The role.
        can_login: Whether it may connect.
        is_superuser: Whether nothing holds it.
        bypasses_row_security: Whether policies do not hold it.
        copies_the_server: Whether it has REPLICATION.
        makes_roles_or_databases: Whether it has CREATEROLE or CREATEDB.
        comment: What it is for.
        members: Who is a member of it, directly.
        member_of: What it is a member of, directly.
        database: What it may do with the database itself: CONNECT, CREATE, TEMPORARY.
        grants: What it may do in it, by membership and as owner too; partitions are left out.
    """

    name: str
    can_login: bool
    is_superuser: bool
    bypasses_row_security: bool
    copies_the_server: bool
    makes_roles_or_databases: bool
    comment: str
    members: list[str]
    member_of: list[str]
    database: list[str] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def list_roles(connection: psycopg.Connection) -> list[Role]:
    """Return the roles of pgerp and their members, by name, then PUBLIC, with what they may do.

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
    roles["PUBLIC"] = Role("PUBLIC", False, False, False, False, False, "Everybody.", [], [])
    for role, *row in connection.execute(_PRIVILEGES, {"roles": list(roles)}):
        grant = Grant(*row)
        if grant.kind == "database":
            roles[role].database.append(grant.privilege)
        else:
            roles[role].grants.append(grant)
    return list(roles.values())
