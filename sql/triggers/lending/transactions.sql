-- reapply: migrations
-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER transactions_guard
BEFORE UPDATE OR DELETE ON lending.transactions
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.transactions');
COMMENT ON TRIGGER transactions_guard ON lending.transactions IS 'What happened stays.';

CREATE OR REPLACE TRIGGER transactions_stamp
BEFORE INSERT OR UPDATE ON lending.transactions
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER transactions_stamp ON lending.transactions IS
'Keeps created_* and last_modified_* true.';

-- Such a trigger does not come from the parent.
DO $do$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN SELECT t.relid FROM pg_partition_tree('lending.transactions') AS t LOOP
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
