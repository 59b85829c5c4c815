-- reapply: migrations
CREATE OR REPLACE TRIGGER movements_guard
BEFORE UPDATE OR DELETE ON lending.movements
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.movements');
COMMENT ON TRIGGER movements_guard ON lending.movements IS 'What was booked stays.';

-- Such a trigger does not come from the parent.
DO $do$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN SELECT t.relid FROM pg_partition_tree('lending.movements') AS t LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION lending.refuse_change(%L)',
            v_table, v_table::text
        );
        EXECUTE format(
            'COMMENT ON TRIGGER refuse_truncate ON %s IS %L', v_table, 'What happened stays.'
        );
    END LOOP;
END;
$do$;
