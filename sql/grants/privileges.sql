-- The runner's own tables, for those who watch and those who dump. What is in a module is for the
-- files beside this one, in the module's folder: nothing is for PUBLIC, and writing goes through
-- the API.
-- reapply: migrations
GRANT USAGE ON SCHEMA pgerp TO pgerp_monitor, pgerp_readonly, pgerp_auditor, pgerp_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA pgerp TO pgerp_monitor, pgerp_readonly, pgerp_auditor;
DO $do$
DECLARE
    v_item record;
BEGIN
    FOR v_item IN
        -- Those of yoyo are in public.
        SELECT format(
            'GRANT SELECT ON %s %s TO pgerp_backup',
            CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass
        ) AS command
        FROM pg_class AS c
        WHERE c.relowner = to_regrole('pgerp_owner')
            AND c.relkind IN ('r', 'p', 'S')
            AND c.relnamespace IN (to_regnamespace('pgerp'), to_regnamespace('public'))
    LOOP
        EXECUTE v_item.command;
    END LOOP;
END;
$do$;
