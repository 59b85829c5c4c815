-- requires: identity.current_tenant
-- Seal what was posted since the last seal: from then on no change of it goes unseen.
CREATE OR REPLACE FUNCTION ledger.seal(
    p_max_entries integer DEFAULT 1000000,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS SETOF ledger.seals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.seal');
    PERFORM identity.require_all_businesses(
        'A seal covers the entries of all businesses of the tenant.'
    );
    -- One seals at a time.
    PERFORM FROM identity.tenants AS t WHERE t.id = p_tenant_id FOR NO KEY UPDATE;
    RETURN QUERY
    SELECT s.*
    FROM core.make_seals(
        'ledger.seals', 'pgerp-seal-1', 'ledger.seal_entries', p_tenant_id, p_max_entries
    ) AS s;
END;
$$;
COMMENT ON FUNCTION ledger.seal(integer, integer) IS
'Seals every posted entry of the tenant that is not sealed yet, p_max_entries to a seal, and '
'returns the new seals: none if there was nothing. Postings go on meanwhile; what commits later '
'is for the next seal. Raises ZI001 to ZI004, ZI006 (token), 22023 (p_max_entries below 1), '
'25001 (outside READ COMMITTED).';
