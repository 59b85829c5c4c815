-- A branch of a business by its code.
CREATE OR REPLACE FUNCTION lending.branch_of(p_business identity.businesses, p_code text)
RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_branch lending.branches;
BEGIN
    IF p_code IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT b.* INTO v_branch
    FROM lending.branches AS b
    WHERE b.tenant_id = p_business.tenant_id
        AND b.business_id = p_business.id
        AND b.code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such branch: %', p_code
        USING ERRCODE = 'ZO036',
            HINT = 'See lending.branches; lending.save_branch makes one.';
    ELSIF NOT v_branch.is_active THEN
        RAISE EXCEPTION 'branch % is inactive', p_code
        USING ERRCODE = 'ZO037',
            HINT = 'Make it active with lending.save_branch, or name another.';
    END IF;
    RETURN v_branch.id;
END;
$$;
COMMENT ON FUNCTION lending.branch_of(identity.businesses, text) IS
'The id of an active branch; NULL of NULL. Raises ZO036 (no such branch), ZO037 (inactive). '
'Internal.';
