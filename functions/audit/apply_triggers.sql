-- Have every table logged that is not an exception.
CREATE OR REPLACE FUNCTION audit.apply_triggers()
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_trigger record;
    v_table record;
    v_relid regclass;
    v_arguments text;
    v_events text;
    v_columns text;
    v_name text;
    v_count integer := 0;
BEGIN
    FOR v_trigger IN
        SELECT
            g.tgname AS name,
            g.tgrelid::regclass AS relid
        FROM pg_catalog.pg_trigger AS g
        WHERE g.tgparentid = 0
            AND g.tgname IN ('audit_change', 'audit_move', 'truncate_audited')
            AND g.tgfoid IN (
                'audit.log_change()'::regprocedure,
                'audit.log_move()'::regprocedure,
                'audit.refuse_truncate()'::regprocedure
            )
            AND g.tgrelid NOT IN (SELECT t.relid FROM audit.logged_tables() AS t)
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', v_trigger.name, v_trigger.relid);
    END LOOP;
    FOR v_table IN SELECT t.* FROM audit.logged_tables() AS t ORDER BY t.table_name LOOP
        v_relid := v_table.relid;
        v_events := CASE
            WHEN v_table.logs = 'all' THEN 'INSERT OR UPDATE OR DELETE' ELSE 'UPDATE OR DELETE'
        END;
        v_arguments := format(
            '%L, %L, %L, %L', v_table.table_name, v_table.key_columns, v_table.tenant_column,
            v_table.business_column
        );
        -- Four arguments are for the usual table, which costs less.
        IF v_table.masked IS NOT NULL
            OR v_table.tenant_column <> 'tenant_id'
            OR strpos(v_table.key_columns, ' ') > 0
        THEN
            v_arguments := format('%s, %L', v_arguments, coalesce(v_table.masked, ''));
        END IF;
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER audit_change AFTER %s ON %s '
            'FOR EACH ROW EXECUTE FUNCTION audit.log_change(%s)',
            v_events, v_relid, v_arguments
        );
        EXECUTE format(
            'COMMENT ON TRIGGER audit_change ON %s IS %L', v_relid,
            'Every change of a row goes to audit.log.'
        );
        -- A list of columns costs nothing where none of them is set.
        v_columns := NULL;
        FOREACH v_name IN ARRAY
            ARRAY(
                SELECT DISTINCT k.name
                FROM unnest(
                    string_to_array(v_table.key_columns || ' ' || v_table.tenant_column, ' ')
                ) AS k (name)
                ORDER BY k.name
            )
        LOOP
            IF v_name <> '' THEN
                v_columns := CASE
                    WHEN v_columns IS NULL THEN quote_ident(v_name)
                    ELSE format('%s, %I', v_columns, v_name)
                END;
            END IF;
        END LOOP;
        IF v_columns IS NOT NULL THEN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER audit_move AFTER UPDATE OF %s ON %s '
                'FOR EACH ROW EXECUTE FUNCTION audit.log_move(%L, %L, %L, %L, %L)',
                v_columns, v_relid, v_table.table_name, v_table.key_columns,
                v_table.tenant_column, v_table.business_column, coalesce(v_table.masked, '')
            );
            EXECUTE format(
                'COMMENT ON TRIGGER audit_move ON %s IS %L', v_relid,
                'Under its old key the row is gone.'
            );
        END IF;
        -- Its name comes after those of the modules' own triggers, which say more.
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER truncate_audited BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate(%L)',
            v_relid, v_table.table_name
        );
        EXECUTE format(
            'COMMENT ON TRIGGER truncate_audited ON %s IS %L', v_relid,
            'No row goes without a trace.'
        );
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION audit.apply_triggers() IS
'Makes the triggers audit_change, audit_move and truncate_audited on every table of '
'audit.logged_tables, and removes them from others. Partitions have the first two from their '
'table. Run by the runner after every change of the schema; returns the number of tables.';
