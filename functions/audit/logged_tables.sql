-- Every table that is to be logged, with the arguments of its trigger.
CREATE OR REPLACE FUNCTION audit.logged_tables()
RETURNS TABLE (
    relid oid, table_name text, logs text, key_columns text, tenant_column text,
    business_column text, masked text
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        c.oid,
        t.name,
        coalesce(x.logs, 'all'),
        coalesce((
            SELECT string_agg(a.attname, ' ' ORDER BY k.place)
            FROM pg_catalog.pg_index AS i
            CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
            INNER JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE i.indrelid = c.oid AND i.indisprimary
                -- Alone, the tenant is the key: at most one row each.
                AND (a.attname <> 'tenant_id' OR i.indnkeyatts = 1)
        ), ''),
        coalesce((
            SELECT a.attname::text
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND NOT a.attisdropped
                AND a.atttypid = 'integer'::regtype
                AND a.attname = CASE t.name
                    WHEN 'identity.tenants' THEN 'id' ELSE 'tenant_id'
                END
        ), ''),
        coalesce((
            SELECT a.attname::text
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND NOT a.attisdropped
                AND a.atttypid = 'integer'::regtype
                AND a.attname = CASE t.name
                    WHEN 'identity.businesses' THEN 'id' ELSE 'business_id'
                END
        ), ''),
        (
            SELECT string_agg(a.attname, ' ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND (
                    a.attname = 'password_hash'
                    -- Names, so that it can be asked while a migration that makes them is undone.
                    OR format_type(a.atttypid, NULL) IN ('core.encrypted_value', 'core.keyed_hash')
                    OR EXISTS (
                        SELECT FROM audit.masked_columns() AS m
                        WHERE m.table_name = t.name AND m.column_name = a.attname
                    )
                )
        )
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT format('%I.%I', n.nspname, c.relname) AS name) AS t
    LEFT JOIN audit.exceptions() AS x ON x.table_name = t.name
    WHERE c.relkind IN ('r', 'p')
        AND NOT c.relispartition
        AND c.relowner = to_regrole('pgerp_owner')
        AND n.nspname NOT IN ('pgerp', 'public')
        AND x.logs IS DISTINCT FROM 'nothing';
$$;
COMMENT ON FUNCTION audit.logged_tables() IS
'The tables of pgerp_owner, in every schema but public and the runner''s, that audit.exceptions '
'does not leave out: what is logged of them (all or changes), the columns of their key without '
'tenant_id, the columns of their tenant and business (empty where they have none), and the '
'sensitive columns. Lists have one blank between. Internal.';
