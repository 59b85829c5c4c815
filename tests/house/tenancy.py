"""Tenants: rules about keys that start with the tenant, and about row security."""

from __future__ import annotations

from .rule import Offence, Rule

CLIENTS = "{pgerp_app, pgerp_auditor, pgerp_readonly, pgerp_service}"

RULES = (
    Rule(
        "tenant_id is an integer and never null",
        """SELECT t.name FROM tables AS t
        INNER JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = t.tenant_attnum
        WHERE a.atttypid <> 'integer'::regtype OR NOT a.attnotnull""",
        (
            Offence("CREATE TABLE core.bad (tenant_id integer)", "core.bad"),
            Offence("CREATE TABLE core.bad (tenant_id bigint NOT NULL)", "core.bad"),
        ),
    ),
    Rule(
        "every key of a tenant's table starts with tenant_id",
        """SELECT k.name FROM constraints AS k INNER JOIN tables AS t ON t.oid = k.conrelid
        WHERE k.contype IN ('p', 'u', 'x') AND k.conkey[1] IS DISTINCT FROM t.tenant_attnum
            AND t.tenant_attnum IS NOT NULL
        UNION ALL
        SELECT i.indexrelid::regclass::text
        FROM pg_index AS i INNER JOIN tables AS t ON t.oid = i.indrelid
        WHERE i.indisunique AND i.indkey[0] <> t.tenant_attnum""",
        (
            Offence(
                "ALTER TABLE identity.users ADD CONSTRAINT users_name_key UNIQUE (name, tenant_id)",
                "identity.users.users_name_key",
            ),
            Offence(
                "CREATE UNIQUE INDEX users_name_idx ON identity.users (lower(name))",
                "identity.users_name_idx",
            ),
            Offence(
                "CREATE TABLE core.bad (tenant_id integer NOT NULL, id integer,"
                " CONSTRAINT bad_pkey PRIMARY KEY (id, tenant_id))",
                "core.bad.bad_pkey",
            ),
            Offence(
                "CREATE TABLE core.bad (tenant_id integer NOT NULL, r int4range,"
                " CONSTRAINT bad_r_excl EXCLUDE USING gist (r WITH &&))",
                "core.bad.bad_r_excl",
            ),
        ),
    ),
    Rule(
        "a tenant's row refers to rows of the same tenant only",
        """SELECT k.name
        FROM constraints AS k
        INNER JOIN tables AS t ON t.oid = k.conrelid
        INNER JOIN tables AS r ON r.oid = k.confrelid
        WHERE k.contype = 'f' AND t.tenant_attnum IS NOT NULL
            AND (r.tenant_attnum IS NOT NULL OR r.name = 'identity.tenants')
            AND (k.conkey[1], k.confkey[1])
                IS DISTINCT FROM (t.tenant_attnum, coalesce(r.tenant_attnum, 1::smallint))""",
        (
            Offence(
                "ALTER TABLE ledger.accounts ADD COLUMN bad integer, ADD CONSTRAINT bad_fkey"
                " FOREIGN KEY (bad, business_id) REFERENCES identity.businesses (tenant_id, id)",
                "ledger.accounts.bad_fkey",
            ),
            Offence(
                "ALTER TABLE ledger.accounts ADD CONSTRAINT bad_fkey"
                " FOREIGN KEY (business_id, tenant_id)"
                " REFERENCES identity.businesses (id, tenant_id)",
                "ledger.accounts.bad_fkey",
            ),
            Offence(
                "ALTER TABLE ledger.accounts ADD CONSTRAINT bad_fkey"
                " FOREIGN KEY (business_id) REFERENCES identity.tenants (id)",
                "ledger.accounts.bad_fkey",
            ),
        ),
    ),
    Rule(
        "reference tables never point to tenants' tables",
        """SELECT k.name
        FROM constraints AS k
        INNER JOIN tables AS t ON t.oid = k.conrelid
        INNER JOIN tables AS r ON r.oid = k.confrelid
        WHERE k.contype = 'f' AND t.tenant_attnum IS NULL
            AND (r.tenant_attnum IS NOT NULL OR r.name = 'identity.tenants')""",
        (
            Offence(
                "CREATE TABLE core.bad (tenant integer CONSTRAINT bad_fkey"
                " REFERENCES identity.tenants)",
                "core.bad.bad_fkey",
            ),
            Offence(
                "CREATE TABLE core.bad (a integer, b integer, CONSTRAINT bad_fkey"
                " FOREIGN KEY (a, b) REFERENCES identity.businesses (tenant_id, id))",
                "core.bad.bad_fkey",
            ),
        ),
    ),
    Rule(
        "row security is enabled and forced on every tenant's table, partitions and tenants too",
        """SELECT t.name FROM tables AS t
        WHERE (t.tenant_attnum IS NOT NULL OR t.name = 'identity.tenants')
            AND NOT (t.relrowsecurity AND t.relforcerowsecurity)""",
        (
            Offence("CREATE TABLE core.bad (tenant_id integer NOT NULL)", "core.bad"),
            Offence("ALTER TABLE identity.users NO FORCE ROW LEVEL SECURITY", "identity.users"),
            Offence(
                "ALTER TABLE ledger.journal_lines_2027 DISABLE ROW LEVEL SECURITY",
                "ledger.journal_lines_2027",
            ),
            Offence("ALTER TABLE identity.tenants DISABLE ROW LEVEL SECURITY", "identity.tenants"),
        ),
    ),
    Rule(
        "every table with row security has the client's and the owner's policy and no other",
        rf"""SELECT t.name
        FROM tables AS t
        LEFT JOIN LATERAL (
            SELECT array_agg(p.polname || CASE
                WHEN p.polpermissive AND p.polcmd = '*' AND p.polwithcheck IS NULL
                    AND CASE p.polname
                        WHEN 'client_isolation' THEN
                            pg_get_expr(p.polqual, p.polrelid) ~ (
                                '^\(+(tenant_)?id = (\( SELECT )?identity\.current_tenant\(\)'
                                || '( AS current_tenant\))?\)'
                            )
                            AND ARRAY(SELECT o.id FROM unnest(p.polroles) AS o (id) ORDER BY 1) = (
                                SELECT array_agg(r.oid ORDER BY r.oid) FROM pg_roles AS r
                                WHERE r.rolname = ANY ('{CLIENTS}')
                            )
                        WHEN 'owner_isolation' THEN
                            pg_get_expr(p.polqual, p.polrelid) = CASE
                                WHEN t.name = 'identity.tenants' THEN 'true'
                                ELSE '(tenant_id = (NULLIF(current_setting('
                                    || '''pgerp.tenant_id''::text, true), ''''::text))::integer)'
                            END
                            AND p.polroles = ARRAY[to_regrole('pgerp_owner')::oid]
                    END
                    THEN '' ELSE ' (odd)' END
                ORDER BY p.polname
            ) AS names
            FROM pg_policy AS p
            WHERE p.polrelid = t.oid
        ) AS p ON true
        WHERE (t.tenant_attnum IS NOT NULL OR t.name = 'identity.tenants' OR t.relrowsecurity)
            AND p.names IS DISTINCT FROM '{{client_isolation,owner_isolation}}'::text[]""",
        (
            Offence("DROP POLICY client_isolation ON identity.users", "identity.users"),
            Offence(
                "DROP POLICY owner_isolation ON ledger.journal_entries_2026",
                "ledger.journal_entries_2026",
            ),
            Offence("CREATE POLICY more ON identity.users USING (true)", "identity.users"),
            Offence(
                "ALTER POLICY client_isolation ON identity.users USING (true)", "identity.users"
            ),
            Offence(
                "ALTER POLICY owner_isolation ON identity.users USING (true)", "identity.users"
            ),
            Offence("ALTER POLICY owner_isolation ON identity.users TO PUBLIC", "identity.users"),
            Offence(
                "ALTER POLICY client_isolation ON identity.users WITH CHECK (true)",
                "identity.users",
            ),
            Offence("ALTER TABLE ledger.currencies ENABLE ROW LEVEL SECURITY", "ledger.currencies"),
        ),
    ),
    Rule(
        "no role of pgerp but the one that dumps goes past row security",
        r"""SELECT r.rolname FROM pg_roles AS r
        WHERE r.rolname ~ '^pgerp_(owner|migrator|app|readonly|auditor|monitor|backup)$'
            AND (
                r.rolsuper OR r.rolcreaterole
                OR (r.rolbypassrls AND r.rolname <> 'pgerp_backup')
            )""",
        (
            Offence("ALTER ROLE pgerp_owner BYPASSRLS", "pgerp_owner"),
            Offence("ALTER ROLE pgerp_app SUPERUSER", "pgerp_app"),
        ),
    ),
)
