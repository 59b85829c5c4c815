-- Seal what was logged of tables without tenant, for operators.
CREATE OR REPLACE FUNCTION audit.seal_shared(p_max_rows integer DEFAULT 1000000)
RETURNS SETOF audit.seals
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET role = 'pgerp_owner'
AS $$
DECLARE
    v_entered text := current_setting('pgerp.tenant_id', true);
BEGIN
    PERFORM set_config('pgerp.tenant_id', '0', true);
    PERFORM audit.lock_seals(0);
    RETURN QUERY
    SELECT s.*
    FROM core.make_seals(
        'audit.seals', 'pgerp-audit-seal-1', 'audit.seal_changes', 0, p_max_rows
    ) AS s;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$$;
COMMENT ON FUNCTION audit.seal_shared(integer) IS
'As audit.seal, for the rows of tenant 0: changes of tables without tenant (currencies, account '
'types, signing keys). For operators: needs a member of pgerp_owner (pgerp seal calls it). Raises '
'22023 (p_max_rows below 1), 25001 (outside READ COMMITTED), 42501 (not a member).';
