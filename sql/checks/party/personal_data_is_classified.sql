-- Every table with rows of customers says what is personal in it and what becomes of that
WITH classified AS (
    SELECT
        t.*,
        to_regclass(t.table_name)::oid AS relid
    FROM party.personal_data_tables AS t
),

columns AS (
    SELECT
        c.table_name,
        c.treatment AS row_treatment,
        a.attname,
        a.attnotnull,
        a.attname = c.customer_column
        OR a.attname IN (
            'tenant_id', 'id', 'business_id', 'version',
            'created_at', 'created_by', 'last_modified_at', 'last_modified_by'
        ) AS is_structural,
        coalesce(nullif(y.typbasetype, 0), y.oid)::regtype AS base_type,
        format_type(y.oid, NULL) IN ('core.encrypted_value', 'core.keyed_hash') AS is_sensitive,
        p.treatment
    FROM classified AS c
    INNER JOIN pg_catalog.pg_attribute AS a
        ON c.relid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
    INNER JOIN pg_catalog.pg_type AS y ON a.atttypid = y.oid
    LEFT JOIN party.personal_data_columns AS p
        ON c.table_name = p.table_name AND a.attname = p.column_name
)

SELECT
    r.oid::regclass::text AS table_name,
    NULL AS column_name,
    'refers to customers, but is not in party.personal_data_tables' AS state
FROM pg_catalog.pg_class AS r
WHERE
    r.relkind IN ('r', 'p')
    AND NOT r.relispartition
    AND NOT EXISTS (
        SELECT FROM classified AS c
        WHERE c.relid = r.oid
    )
    AND (
        EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS k
            WHERE
                k.contype = 'f' AND k.conrelid = r.oid
                AND k.confrelid = 'party.customers'::regclass
        )
        -- In another database than the customers the reference is a logical one.
        OR EXISTS (
            SELECT FROM pg_catalog.pg_attribute AS a
            WHERE
                a.attrelid = r.oid
                AND a.attname = 'customer_id'
                AND a.atttypid = 'uuid'::regtype
                AND NOT a.attisdropped
                AND r.relowner = to_regrole('pgerp_owner')
        )
    )
UNION ALL
SELECT
    c.table_name,
    n.column_name,
    'no such column' AS state
FROM classified AS c
CROSS JOIN
    LATERAL (
        VALUES ('tenant_id'), (c.customer_column)
    ) AS n (column_name)
WHERE
    NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.relid AND a.attname = n.column_name AND NOT a.attisdropped
    )
UNION ALL
SELECT
    p.table_name,
    p.column_name,
    'no such column' AS state
FROM party.personal_data_columns AS p
WHERE
    NOT EXISTS (
        SELECT FROM columns AS c
        WHERE c.table_name = p.table_name AND c.attname = p.column_name AND NOT c.is_structural
    )
UNION ALL
SELECT
    c.table_name,
    c.attname,
    CASE
        WHEN c.row_treatment = 'keep' THEN 'a table that is kept keeps no sensitive value'
        WHEN c.treatment IS NULL THEN 'not in party.personal_data_columns'
        WHEN c.treatment = 'keep' THEN 'a sensitive value is not kept'
        WHEN c.treatment = 'blank' THEN 'cannot be blank'
        ELSE 'is no text'
    END AS state
FROM columns AS c
WHERE
    NOT c.is_structural
    AND CASE
        WHEN c.row_treatment = 'keep' THEN c.is_sensitive
        WHEN c.treatment IS NULL THEN true
        WHEN c.treatment = 'keep' THEN c.is_sensitive
        WHEN c.row_treatment = 'delete' THEN false
        WHEN c.treatment = 'blank' THEN c.attnotnull
        ELSE c.base_type <> 'text'::regtype
    END
UNION ALL
SELECT
    c.table_name,
    c.objection,
    'no such function' AS state
FROM classified AS c
WHERE c.objection IS NOT NULL AND to_regprocedure(c.objection || '(integer, uuid)') IS NULL;
