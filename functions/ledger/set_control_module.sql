-- requires: identity.current_tenant
-- Reserve an account for the entries of one module, or free it.
CREATE OR REPLACE FUNCTION ledger.set_control_module(
    p_account_code text,
    p_module text,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account ledger.accounts;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_chart');
    v_account := ledger.account_to_change(p_tenant_id, p_account_code);
    IF v_account.control_module IS NOT DISTINCT FROM p_module THEN
        RETURN;
    END IF;
    -- Whoever could take the reservation off could post past it.
    IF v_account.control_module IS NOT NULL
        AND identity.has_permission('ledger.post_as.' || v_account.control_module) IS NOT true
    THEN
        RAISE EXCEPTION 'account % is reserved for module %',
            p_account_code, v_account.control_module
        USING ERRCODE = 'ZL021',
            HINT = 'Use a token with the permission ledger.post_as.'
                || v_account.control_module || '.';
    END IF;
    UPDATE ledger.accounts AS a
    SET control_module = p_module
    WHERE a.tenant_id = p_tenant_id AND a.id = v_account.id;
END;
$$;
COMMENT ON FUNCTION ledger.set_control_module(text, text, integer) IS
'Reserves an account for entries whose source_module is p_module (NULL: for none). An account that '
'is reserved is given to another module, or freed, only by a token that may post as its module. '
'Raises ZI001 to ZI007 (token, business), ZL007 (no such account), ZL021 (reserved), 23514 (module '
'malformed).';
