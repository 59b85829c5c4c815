-- For whom a message is due: what a worker asks before it claims for each.
CREATE OR REPLACE FUNCTION messaging.tenants_with_work()
RETURNS SETOF integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer;
BEGIN
    -- Row security lets the owner see one tenant at a time.
    FOR v_tenant_id IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM events.enter(v_tenant_id, session_user::text);
        IF EXISTS (
            SELECT
            FROM messaging.messages AS m
            WHERE m.tenant_id = v_tenant_id AND m.due_at <= clock_timestamp()
        ) THEN
            RETURN NEXT v_tenant_id;
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION messaging.tenants_with_work() IS
'The tenants of whom messages are due, in the order of their ids: queued ones, and those of a '
'worker whose lease ended. For members of pgerp_worker.';
