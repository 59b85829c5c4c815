-- requires: identity.current_tenant
-- Keep a tenant's audit log, however old it gets.
CREATE OR REPLACE FUNCTION audit.place_legal_hold(
    p_reason text,
    p_valid_until timestamptz DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'audit.legal_holds');
    PERFORM identity.require_permission('audit.legal_holds');
    INSERT INTO audit.legal_holds (tenant_id, id, reason, valid_until)
    VALUES (p_tenant_id, v_id, p_reason, p_valid_until);
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION audit.place_legal_hold(text, timestamptz, integer) IS
'From now until p_valid_until (NULL: until it is lifted) no year of audit.log with rows of the '
'tenant is removed. Returns the hold''s id. Raises ZI001 to ZI004 (token), ZI011 (permission), '
'23502 or 23514 (no reason, or the end is past).';
