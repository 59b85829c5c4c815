-- Act for a tenant without a token: for what arrived and was proved where it was emitted.
CREATE OR REPLACE FUNCTION events.enter(
    p_tenant_id integer,
    p_actor text,
    p_correlation_id text DEFAULT NULL
)
RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        set_config('pgerp.tenant_id', p_tenant_id::text, true),
        set_config('pgerp.actor', p_actor, true),
        set_config('pgerp.business_ids', '*', true),
        set_config('pgerp.user_agent', '', true),
        set_config('pgerp.correlation_id', coalesce(p_correlation_id, ''), true);
$$;
COMMENT ON FUNCTION events.enter(integer, text, text) IS
'Makes the tenant, and who emitted an event, those of the transaction, as identity.enter_tenant '
'does with a token. Internal: for events.work.';
