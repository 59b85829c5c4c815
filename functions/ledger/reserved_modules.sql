-- Whom the caller may not pretend to be: control accounts rest on it.
CREATE OR REPLACE FUNCTION ledger.reserved_modules(p_tenant_id integer)
RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT m.control_module
        FROM (
            SELECT a.control_module
            FROM ledger.accounts AS a
            WHERE a.tenant_id = p_tenant_id AND a.control_module IS NOT NULL
            UNION
            -- The ledger itself, which posts exchange differences to any account.
            SELECT 'ledger'
        ) AS m
        WHERE identity.has_permission('ledger.post_as.' || m.control_module) IS NOT true
    );
END;
$$;
COMMENT ON FUNCTION ledger.reserved_modules(integer) IS
'Which of the modules that have a control account, and the ledger itself, the token may not post '
'as (permission ledger.post_as.<module>). Internal.';
