-- Tell workers that something is due.
CREATE OR REPLACE FUNCTION messaging.wake_workers(p_tenant_id integer)
RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_notify('pgerp_messages', p_tenant_id::text);
$$;
COMMENT ON FUNCTION messaging.wake_workers(integer) IS
'Notifies the channel pgerp_messages, with the tenant''s id, at commit. A worker that does not '
'hear it looks within a second all the same. Internal.';
