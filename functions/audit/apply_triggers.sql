-- Have every table logged that is not an exception.
CREATE OR REPLACE FUNCTION audit.apply_triggers()
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
    v_count integer := 0;
BEGIN
    FOR v_table IN
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
        EXECUTE format('DROP TRIGGER %I ON %s', v_table.name, v_table.relid);
    END LOOP;
    FOR v_table IN
        SELECT
            t.table_name,
            CASE t.logs WHEN 'all' THEN 'INSERT OR UPDATE OR DELETE' ELSE 'UPDATE OR DELETE' END
                AS events,
            concat_ws(
                ', ', quote_literal(t.table_name), quote_literal(t.key_columns),
                quote_literal(t.tenant_column), quote_literal(t.business_column),
                -- Four arguments are for the usual table, which costs less.
                CASE
                    WHEN t.masked IS NOT NULL
                        OR t.tenant_column <> 'tenant_id'
                        OR strpos(t.key_columns, ' ') > 0
                        THEN quote_literal(coalesce(t.masked, ''))
                END
            ) AS arguments,
            concat_ws(
                ', ', quote_literal(t.table_name), quote_literal(t.key_columns),
                quote_literal(t.tenant_column), quote_literal(t.business_column),
                quote_literal(coalesce(t.masked, ''))
            ) AS all_arguments,
            -- Whichever are there: a list of columns costs nothing where none of them is set.
            array_to_string(ARRAY(
                SELECT DISTINCT quote_ident(k.name)
                FROM unnest(string_to_array(t.key_columns || ' ' || t.tenant_column, ' '))
                    AS k (name)
                WHERE k.name <> ''
            ), ', ') AS identity_columns
        FROM audit.logged_tables() AS t
        ORDER BY t.table_name
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER audit_change AFTER %s ON %s '
            'FOR EACH ROW EXECUTE FUNCTION audit.log_change(%s)',
            v_table.events, v_table.table_name, v_table.arguments
        );
        EXECUTE format(
            'COMMENT ON TRIGGER audit_change ON %s IS %L', v_table.table_name,
            'Every change of a row goes to audit.log.'
        );
        IF v_table.identity_columns <> '' THEN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER audit_move AFTER UPDATE OF %s ON %s '
                'FOR EACH ROW EXECUTE FUNCTION audit.log_move(%s)',
                v_table.identity_columns, v_table.table_name, v_table.all_arguments
            );
            EXECUTE format(
                'COMMENT ON TRIGGER audit_move ON %s IS %L', v_table.table_name,
                'Under its old key the row is gone.'
            );
        END IF;
        -- Its name comes after those of the modules' own triggers, which say more.
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER truncate_audited BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate(%L)',
            v_table.table_name, v_table.table_name
        );
        EXECUTE format(
            'COMMENT ON TRIGGER truncate_audited ON %s IS %L', v_table.table_name,
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
