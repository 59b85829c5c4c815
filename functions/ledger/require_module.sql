-- Who names a module as the source must be allowed to, if control accounts rest on it.
CREATE OR REPLACE FUNCTION ledger.require_module(p_tenant_id integer, p_source_module text)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_source_module = ANY (ledger.reserved_modules(p_tenant_id)) THEN
        RAISE EXCEPTION 'the token may not post as module %', p_source_module
        USING ERRCODE = 'ZL021',
            DETAIL = 'The module has control accounts.',
            HINT = format(
                'Use a token with the permission ledger.post_as.%s.', p_source_module
            );
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_module(integer, text) IS
'Raises ZL021 when the module has a control account and the token lacks the permission '
'ledger.post_as.<module>. Internal.';
