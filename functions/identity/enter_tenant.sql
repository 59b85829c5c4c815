-- First statement of every function that runs as the owner: prove the tenant and the permission,
-- then work as that tenant.
CREATE OR REPLACE FUNCTION identity.enter_tenant(
    p_tenant_id integer,
    p_permission text DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_claims jsonb := identity.token_claims();
    v_tenant text := v_claims ->> 'tenant';
    v_listed jsonb := v_claims -> 'permissions';
BEGIN
    IF v_claims IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    -- Without the claim every permission that functions ask for is given: see claims_permit.
    IF p_tenant_id <> v_tenant::integer OR v_listed IS NOT NULL THEN
        IF p_tenant_id <> v_tenant::integer THEN
            RAISE EXCEPTION 'the token is for another tenant'
            USING ERRCODE = 'ZI004',
                DETAIL = format('Asked for tenant %s.', p_tenant_id),
                HINT = 'Leave p_tenant_id out, or use a token of that tenant.';
        ELSIF p_permission IS NULL
            OR (jsonb_typeof(v_listed) = 'array' AND v_listed ? p_permission)
        THEN
            NULL;
        ELSIF NOT identity.claims_permit(v_claims, p_permission) THEN
            RAISE EXCEPTION 'permission % is needed', p_permission
            USING ERRCODE = 'ZI011',
                DETAIL = format('%s does not have it.', v_claims ->> 'sub'),
                HINT = 'See identity.permissions_of_user, and the token''s claim permissions.';
        END IF;
    END IF;
    PERFORM
        set_config('pgerp.tenant_id', v_tenant, true),
        set_config('pgerp.actor', v_claims ->> 'sub', true),
        set_config('pgerp.business_ids', v_claims ->> 'business', true),
        -- For the log of changes. Where claims are absent, nothing set by others is left: NULL
        -- would bring back what the connection began with.
        set_config('pgerp.user_agent', coalesce(v_claims ->> 'user_agent', ''), true),
        set_config('pgerp.correlation_id', coalesce(v_claims ->> 'correlation_id', ''), true),
        -- Triggers of the journal go by it; a function that writes past them says so itself.
        set_config('pgerp.posting', '', true);
    RETURN v_tenant::integer;
END;
$$;
COMMENT ON FUNCTION identity.enter_tenant(integer, text) IS
'Proves that the token is for the given tenant (NULL: for any) and makes it, its subject and its '
'businesses those of the transaction (settings pgerp.tenant_id, pgerp.actor, pgerp.business_ids), '
'which the owner''s row security goes by; for the log of changes also the claims user_agent and '
'correlation_id; pgerp.posting is emptied, whatever the client had set. Returns the tenant. Raises '
'ZI001 (no token), ZI002, ZI003, ZI009, ZI010 (token), ZI004 (another tenant), ZI011 (the token or '
'its user lacks p_permission, which is one of identity.permissions; NULL: none is needed). '
'Internal.';
