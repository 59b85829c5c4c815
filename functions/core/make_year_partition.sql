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
    v_schema name := (
        SELECT c.relnamespace::regnamespace::text
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = p_table
    );
    v_name name := (
        SELECT c.relname || '_' || p_year
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = p_table
    );
    v_comment text := format('Rows of %s whose key was made in %s (UTC).', p_table, p_year);
    v_partition regclass;
    v_from uuid := core.uuid_v7_floor(make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC'));
    v_to uuid := core.uuid_v7_floor(make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC'));
    v_option record;
    v_column record;
    v_grant record;
    v_trigger record;
    v_moved bigint := 0;
BEGIN
    -- An identity column numbers by its parent alone.
    EXECUTE format(
        'CREATE TABLE %I.%I (LIKE %s INCLUDING ALL EXCLUDING COMMENTS EXCLUDING IDENTITY)',
        v_schema, v_name, p_table
    );
    v_partition := format('%I.%I', v_schema, v_name);
    EXECUTE format('COMMENT ON TABLE %s IS %L', v_partition, v_comment);
    -- LIKE leaves these out.
    FOR v_option IN
        SELECT
            o.option_name AS name,
            o.option_value AS value
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL pg_options_to_table(c.reloptions) AS o
        WHERE c.oid = v_default
    LOOP
        EXECUTE format('ALTER TABLE %s SET (%I = %L)', v_partition, v_option.name, v_option.value);
    END LOOP;
    FOR v_column IN
        SELECT
            a.attname AS name,
            a.attstattarget AS target
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = v_default AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attstattarget >= 0
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', v_partition, v_column.name,
            v_column.target::integer
        );
    END LOOP;
    IF p_move THEN
        -- Both have their columns in the order of the parent.
        EXECUTE format(
            'WITH moved AS (DELETE FROM %s WHERE %I >= $1 AND %I < $2 RETURNING *) '
            'INSERT INTO %s SELECT * FROM moved', v_default, p_key, p_key, v_partition
        )
        USING v_from, v_to;
        GET DIAGNOSTICS v_moved = ROW_COUNT;
    END IF;
    PERFORM core.secure_table(v_partition);
    -- As its sibling: a dump must see it, an apply worker may write it; nobody else may anything,
    -- since that would bypass the parent.
    FOR v_grant IN
        SELECT
            -- A quoted word in small letters is a privilege too.
            lower(a.privilege_type) AS privilege,
            a.grantee
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = v_default AND a.grantee <> c.relowner
    LOOP
        EXECUTE format(
            'GRANT %I ON %s TO %s', v_grant.privilege, v_partition, v_grant.grantee::regrole
        );
    END LOOP;
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', p_table, v_partition,
        v_from, v_to
    );
    -- Triggers of each statement do not come from the parent: those that refuse TRUNCATE.
    FOR v_trigger IN
        SELECT
            g.tgname AS name,
            g.tgfoid AS function,
            obj_description(g.oid, 'pg_trigger') AS comment
        FROM pg_catalog.pg_trigger AS g
        WHERE g.tgrelid = v_default AND NOT g.tgisinternal AND g.tgtype & 1 = 0
    LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s(%L)',
            v_trigger.name, v_partition, v_trigger.function::regproc, v_partition
        );
        EXECUTE format(
            'COMMENT ON TRIGGER %I ON %s IS %L', v_trigger.name, v_partition, v_trigger.comment
        );
    END LOOP;
    RETURN v_moved;
END;
$$;
COMMENT ON FUNCTION core.make_year_partition(regclass, text, integer, boolean) IS
'Makes <table>_<year> and attaches it, with comments, row security, and the storage parameters, '
'grants and statement triggers of <table>_default; p_key: the column that the table is '
'partitioned by; p_move: takes over the rows of that year from <table>_default, which is detached. '
'Returns the number of rows taken over. Internal: called by core.create_year_partitions.';
