-- The account that plays a part for a business.
CREATE OR REPLACE FUNCTION ledger.account_for_role(
    p_tenant_id integer,
    p_business_id integer,
    p_role text
)
RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account_id uuid;
BEGIN
    SELECT r.account_id INTO v_account_id
    FROM ledger.account_roles AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.role = p_role
        AND (r.business_id = p_business_id OR r.business_id IS NULL)
    ORDER BY r.business_id NULLS LAST
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account has the role %', p_role
        USING ERRCODE = 'ZL024',
            HINT = format(
                'Choose one: SELECT ledger.set_account_role(%L, <account code>).', p_role
            );
    END IF;
    RETURN v_account_id;
END;
$$;
COMMENT ON FUNCTION ledger.account_for_role(integer, integer, text) IS
'The id of the account that has the role for the business: the business''s own choice before that '
'for all. Internal. Raises ZL024 (none has it).';
