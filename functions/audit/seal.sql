-- requires: identity.current_tenant
-- Seal what was logged since the last seal: from then on no change of it goes unseen.
CREATE OR REPLACE FUNCTION audit.seal(
    p_max_rows integer DEFAULT 1000000,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS SETOF audit.seals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'audit.seal');
    PERFORM identity.require_all_businesses(
        'A seal covers what was logged of all businesses of the tenant.'
    );
    PERFORM audit.lock_seals(p_tenant_id);
    RETURN QUERY
    SELECT s.*
    FROM core.make_seals(
        'audit.seals', 'pgerp-audit-seal-1', 'audit.seal_changes', p_tenant_id, p_max_rows
    ) AS s;
END;
$$;
COMMENT ON FUNCTION audit.seal(integer, integer) IS
'Seals every row of the tenant''s audit log that is not sealed yet, p_max_rows to a seal, and '
'returns the new seals: none if there was nothing. Writers go on meanwhile; what commits later is '
'for the next seal. Raises ZI001 to ZI004, ZI006 (token), ZI011 (permission), 22023 (p_max_rows '
'below 1), 25001 (outside READ COMMITTED).';
