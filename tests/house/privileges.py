"""Who may do what: rules about privileges."""

from __future__ import annotations

from .rule import Offence, Rule

# Every privilege on what is ours, implied ones included: name, kind, grantee (0: PUBLIC).
GRANTS = """(
    SELECT o.name, o.kind, o.is_partition, a.grantee, a.privilege_type, a.is_grantable
    FROM (
        SELECT s.nspname::text AS name, 'schema' AS kind, false AS is_partition,
            coalesce(s.nspacl, acldefault('n', s.nspowner)) AS acl
        FROM schemas AS s
        UNION ALL
        SELECT c.oid::regclass::text, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END,
            c.relispartition,
            coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char",
                c.relowner))
        FROM pg_class AS c INNER JOIN schemas AS s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        UNION ALL
        SELECT t.name || '.' || a.attname, 'column', t.relispartition, a.attacl
        FROM tables AS t INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
        UNION ALL
        SELECT f.name, 'function', false, coalesce(f.proacl, acldefault('f', f.proowner))
        FROM functions AS f
        UNION ALL
        -- Array types and the types of tables have no privileges of their own.
        SELECT t.oid::regtype::text, 'type', false, coalesce(t.typacl, acldefault('T', t.typowner))
        FROM pg_type AS t
        INNER JOIN schemas AS s ON s.oid = t.typnamespace
        LEFT JOIN pg_class AS c ON c.oid = t.typrelid
        WHERE t.typtype IN ('d', 'e') OR (t.typtype = 'c' AND c.relkind = 'c')
    ) AS o
    CROSS JOIN LATERAL aclexplode(o.acl) AS a
) AS g"""

OWNER = "to_regrole('pgerp_owner')"
# Owns subscriptions, passes row security, and is used for nothing else: it writes what arrives.
BROUGHT = (
    "(g.grantee = to_regrole('pgerp_subscriber')"
    " AND g.name ~ '^(identity[.]|events[.]event_store)')"
)

PUBLIC = Rule(
    "nothing is for PUBLIC",
    f"SELECT g.name FROM {GRANTS} WHERE g.grantee = 0",
    (
        Offence(
            "CREATE FUNCTION core.bad() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "core.bad()",
        ),
        Offence("CREATE TYPE core.bad AS ENUM ('a')", "core.bad"),
        Offence("CREATE TYPE core.bad AS (a text)", "core.bad"),
        Offence("CREATE DOMAIN core.bad AS text", "core.bad"),
        Offence("GRANT USAGE ON SCHEMA ledger TO PUBLIC", "ledger"),
        Offence("GRANT SELECT ON ledger.currencies TO PUBLIC", "ledger.currencies"),
        Offence("GRANT SELECT (name) ON ledger.currencies TO PUBLIC", "ledger.currencies.name"),
        Offence("GRANT EXECUTE ON FUNCTION core.stamp_row() TO PUBLIC", "core.stamp_row()"),
        Offence(
            "GRANT USAGE ON SEQUENCE identity.tenants_id_seq TO PUBLIC",
            "identity.tenants_id_seq",
        ),
    ),
)

RULES = (
    PUBLIC,
    Rule(
        # pg_default_acl has a row where the default is not PostgreSQL's, which is for PUBLIC.
        "what pgerp_owner and pgerp_migrator will make is for nobody else",
        """SELECT r.role || ' ' || k.kind
        FROM (VALUES ('f'), ('T')) AS k (kind)
        CROSS JOIN (VALUES ('pgerp_owner'), ('pgerp_migrator')) AS r (role)
        LEFT JOIN pg_default_acl AS d ON d.defaclobjtype = k.kind::"char"
            AND d.defaclrole = to_regrole(r.role) AND d.defaclnamespace = 0
        WHERE d.oid IS NULL
        UNION
        SELECT concat_ws(' ', d.defaclrole::regrole, d.defaclobjtype)
        FROM pg_default_acl AS d
        CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
        WHERE a.grantee <> d.defaclrole""",
        (
            Offence(
                "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner"
                " GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
                "pgerp_owner f",
            ),
            Offence(
                "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner GRANT USAGE ON TYPES TO PUBLIC",
                "pgerp_owner T",
            ),
            Offence(
                "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner IN SCHEMA ledger"
                " GRANT SELECT ON TABLES TO PUBLIC",
                "pgerp_owner r",
            ),
            Offence(
                "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner GRANT USAGE ON SCHEMAS TO pgerp_app",
                "pgerp_owner n",
            ),
            Offence(
                "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_migrator GRANT USAGE ON TYPES TO PUBLIC",
                "pgerp_migrator T",
            ),
            Offence(
                "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_migrator"
                " GRANT USAGE ON SEQUENCES TO pgerp_service",
                "pgerp_migrator S",
            ),
        ),
    ),
    Rule(
        # A partition's own policies would hold, but the parent is the door; a dump needs all.
        "nothing is granted on partitions, save to dump them and to bring events",
        f"""SELECT g.name FROM {GRANTS}
        WHERE g.is_partition AND g.grantee <> {OWNER}
            AND NOT (g.grantee = to_regrole('pgerp_backup') AND g.privilege_type = 'SELECT')
            AND NOT ({BROUGHT} AND g.privilege_type = 'INSERT')""",
        (
            Offence(
                "GRANT SELECT ON events.event_store_2026 TO pgerp_subscriber",
                "events.event_store_2026",
            ),
            Offence(
                "GRANT SELECT ON ledger.journal_lines_2026 TO pgerp_app",
                "ledger.journal_lines_2026",
            ),
            Offence(
                "GRANT SELECT (amount) ON ledger.journal_lines_default TO pgerp_readonly",
                "ledger.journal_lines_default.amount",
            ),
        ),
    ),
    Rule(
        "only pgerp_owner writes tables directly",
        f"""SELECT g.name FROM {GRANTS}
        WHERE g.kind IN ('table', 'column', 'sequence') AND g.grantee <> {OWNER}
            AND g.privilege_type <> 'SELECT' AND NOT {BROUGHT}""",
        (
            Offence("GRANT INSERT ON ledger.accounts TO pgerp_subscriber", "ledger.accounts"),
            Offence("GRANT INSERT ON identity.users TO pgerp_worker", "identity.users"),
            Offence("GRANT INSERT ON ledger.journal_lines TO pgerp_app", "ledger.journal_lines"),
            Offence("GRANT UPDATE (name) ON ledger.accounts TO pgerp_app", "ledger.accounts.name"),
            Offence("GRANT TRUNCATE ON ledger.currencies TO pgerp_backup", "ledger.currencies"),
            Offence(
                "GRANT USAGE ON SEQUENCE identity.tenants_id_seq TO pgerp_app",
                "identity.tenants_id_seq",
            ),
        ),
    ),
    Rule(
        "no client reads the keys and counters behind the API",
        f"""SELECT g.name FROM {GRANTS}
        WHERE g.grantee NOT IN ({OWNER}, to_regrole('pgerp_backup')) AND NOT {BROUGHT}
            AND (g.name || '.') ~
                '^(identity\\.signing_keys|core\\.document_counters|ledger\\.idempotency_keys)\\.'""",
        (
            Offence(
                "GRANT SELECT (kid) ON identity.signing_keys TO pgerp_auditor",
                "identity.signing_keys.kid",
            ),
            Offence(
                "GRANT SELECT ON core.document_counters TO pgerp_app", "core.document_counters"
            ),
        ),
    ),
    Rule(
        "only pgerp_owner makes objects in a schema, and nobody else hands privileges on",
        f"""SELECT g.name FROM {GRANTS}
        WHERE g.grantee <> {OWNER}
            AND (g.is_grantable OR (g.kind = 'schema' AND g.privilege_type = 'CREATE'))""",
        (
            Offence("GRANT CREATE ON SCHEMA ledger TO pgerp_app", "ledger"),
            Offence(
                "GRANT SELECT ON ledger.currencies TO pgerp_app WITH GRANT OPTION",
                "ledger.currencies",
            ),
        ),
    ),
    Rule(
        "those who read cannot call what writes",
        """SELECT f.name
        FROM functions AS f
        CROSS JOIN unnest('{pgerp_readonly, pgerp_auditor, pgerp_monitor, pgerp_backup}'::text[])
            AS r (role)
        WHERE f.provolatile = 'v' AND has_function_privilege(r.role, f.oid, 'EXECUTE')""",
        (
            Offence(
                "GRANT EXECUTE ON FUNCTION ledger.create_fiscal_year TO pgerp_readonly",
                "ledger.create_fiscal_year(text,date,integer,text,integer)",
            ),
        ),
    ),
    Rule(
        "materialized views, which have no row security, are not for clients",
        f"""SELECT g.name FROM {GRANTS}
        INNER JOIN pg_class AS c ON c.oid = to_regclass(g.name) AND c.relkind = 'm'
        WHERE g.kind = 'table'
            AND g.grantee IN ('pgerp_app'::regrole, 'pgerp_readonly'::regrole)""",
        (
            Offence(
                "CREATE MATERIALIZED VIEW ledger.bad AS SELECT 1;"
                " GRANT SELECT ON ledger.bad TO pgerp_readonly",
                "ledger.bad",
            ),
        ),
    ),
)
