-- requires: identity.current_tenant
-- End a legal hold.
CREATE OR REPLACE FUNCTION audit.lift_legal_hold(
    p_id uuid,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'audit.legal_holds');
    PERFORM identity.require_permission('audit.legal_holds');
    UPDATE audit.legal_holds AS h
    SET valid_until = now()
    WHERE h.tenant_id = p_tenant_id AND h.id = p_id
        AND (h.valid_until IS NULL OR h.valid_until > now());
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no legal hold % is in force', coalesce(p_id::text, 'NULL')
        USING ERRCODE = 'ZA006',
            HINT = 'See audit.legal_holds.';
    END IF;
END;
$$;
COMMENT ON FUNCTION audit.lift_legal_hold(uuid, integer) IS
'Ends a legal hold now; the audit log tells who did. Raises ZI001 to ZI004 (token), ZI011 '
'(permission), ZA006 (no such hold in force).';
