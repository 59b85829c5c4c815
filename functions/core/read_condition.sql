-- What clients need to read a table beyond its tenant and business.
CREATE OR REPLACE FUNCTION core.read_condition(p_table text, p_is_bare boolean)
RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT replace(
        c.condition,
        '{}',
        CASE WHEN p_is_bare THEN c.question ELSE format('(SELECT %s)', c.question) END
    )
    FROM (
        SELECT
            r.table_name,
            format('identity.has_permission(%L)', r.permission) AS question,
            '{}' AS condition
        FROM core.read_permissions() AS r
        UNION ALL
        VALUES
        (
            'events.event_store', 'events.unreadable_types()',
            'event_type::text <> ALL (({})::text[])'
        ),
        (
            'audit.log', 'core.unreadable_tables()',
            'table_name::text <> ALL (({})::text[])'
        )
    ) AS c
    WHERE c.table_name = p_table
        -- Half-way through the migrations the table may be there before the function.
        AND (c.condition = '{}' OR to_regprocedure(c.question) IS NOT NULL);
$$;
COMMENT ON FUNCTION core.read_condition(text, boolean) IS
'The condition that row security adds for clients to tenant and business, for a table by its name '
'(of partitions: their parent''s); NULL: none. p_is_bare: without sub-select. Internal: for '
'core.secure_table.';
