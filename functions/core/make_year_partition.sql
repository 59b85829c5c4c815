-- The partition of one year, filled with what waited for it in the default one.
CREATE OR REPLACE FUNCTION core.make_year_partition(
    p_table regclass,
    p_key text,
    p_year integer,
    p_move boolean
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_default regclass := (p_table || '_default')::regclass;
    v_name text := p_table || '_' || p_year;
    v_from uuid := core.uuid_v7_floor(make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC'));
    v_to uuid := core.uuid_v7_floor(make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC'));
    v_grant record;
    v_trigger record;
    v_moved bigint := 0;
BEGIN
    -- An identity column numbers by its parent alone.
    EXECUTE format(
        'CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING COMMENTS EXCLUDING IDENTITY)', v_name,
        p_table
    );
    EXECUTE format(
        'COMMENT ON TABLE %s IS %L', v_name,
        format('Rows of %s whose key was made in %s (UTC).', p_table, p_year)
    );
    IF p_move THEN
        -- Both have their columns in the order of the parent.
        EXECUTE format(
            'WITH moved AS (DELETE FROM %1$s WHERE %2$I >= $1 AND %2$I < $2 RETURNING *) '
            'INSERT INTO %3$s SELECT * FROM moved', v_default, p_key, v_name
        )
        USING v_from, v_to;
        GET DIAGNOSTICS v_moved = ROW_COUNT;
    END IF;
    PERFORM core.secure_table(v_name::regclass);
    -- As its sibling: a dump must see it, an apply worker may write it; nobody else may anything,
    -- since that would bypass the parent.
    FOR v_grant IN
        SELECT
            a.privilege_type AS privilege,
            a.grantee::regrole AS grantee
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = v_default AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT %s ON %s TO %s', v_grant.privilege, v_name, v_grant.grantee);
    END LOOP;
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', p_table, v_name,
        v_from, v_to
    );
    -- Triggers of each statement, such as those that refuse TRUNCATE, do not come from the parent.
    FOR v_trigger IN
        SELECT
            g.tgname AS name,
            replace(
                replace(
                    pg_get_triggerdef(g.oid), ' ON ' || v_default || ' ', ' ON ' || v_name || ' '
                ),
                quote_literal(v_default::text), quote_literal(v_name)
            ) AS definition,
            obj_description(g.oid, 'pg_trigger') AS comment
        FROM pg_catalog.pg_trigger AS g
        WHERE g.tgrelid = v_default AND NOT g.tgisinternal AND g.tgtype & 1 = 0
    LOOP
        EXECUTE format('%s', v_trigger.definition);
        EXECUTE format(
            'COMMENT ON TRIGGER %I ON %s IS %L', v_trigger.name, v_name, v_trigger.comment
        );
    END LOOP;
    RETURN v_moved;
END;
$$;
COMMENT ON FUNCTION core.make_year_partition(regclass, text, integer, boolean) IS
'Makes <table>_<year> and attaches it, with comments, row security, what a dump needs and the '
'statement triggers of <table>_default; p_key: the column that the table is partitioned by; '
'p_move: takes over the rows of that year from <table>_default, which is detached. Returns the '
'number of rows taken over. Internal: called by core.create_year_partitions.';
