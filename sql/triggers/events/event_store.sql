-- reapply: migrations
CREATE OR REPLACE TRIGGER event_store_append_only
BEFORE UPDATE OR DELETE ON events.event_store
FOR EACH ROW EXECUTE FUNCTION events.refuse_change('events.event_store');
COMMENT ON TRIGGER event_store_append_only ON events.event_store IS
'What happened does not change.';

-- Such a trigger does not come from the parent.
DO $do$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN SELECT t.relid FROM pg_partition_tree('events.event_store') AS t LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change(%L)',
            v_table, v_table::text
        );
        EXECUTE format(
            'COMMENT ON TRIGGER refuse_truncate ON %s IS %L', v_table,
            'What happened does not change.'
        );
    END LOOP;
END;
$do$;

CREATE OR REPLACE TRIGGER event_store_land
AFTER INSERT ON events.event_store
FOR EACH ROW EXECUTE FUNCTION events.land();
-- What is emitted here is acted upon by emit itself.
ALTER TABLE events.event_store ENABLE REPLICA TRIGGER event_store_land;
COMMENT ON TRIGGER event_store_land ON events.event_store IS
'What replication brings waits for the handlers of this database.';

CREATE OR REPLACE TRIGGER event_store_skip_known
BEFORE INSERT ON events.event_store
FOR EACH ROW EXECUTE FUNCTION events.skip_known();
ALTER TABLE events.event_store ENABLE REPLICA TRIGGER event_store_skip_known;
COMMENT ON TRIGGER event_store_skip_known ON events.event_store IS
'What replication brings twice is in the store once.';
