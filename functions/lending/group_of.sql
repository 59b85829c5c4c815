-- A group of borrowers by its code.
CREATE OR REPLACE FUNCTION lending.group_of(p_business identity.businesses, p_code text)
RETURNS lending.groups
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_group lending.groups;
BEGIN
    -- Waits for a change of the group, or of who is in it.
    SELECT g.* INTO v_group
    FROM lending.groups AS g
    WHERE g.tenant_id = p_business.tenant_id
        AND g.business_id = p_business.id
        AND g.code = p_code
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such group: %', coalesce(p_code, 'NULL')
        USING ERRCODE = 'ZO036',
            HINT = 'See lending.groups; lending.save_group makes one.';
    END IF;
    RETURN v_group;
END;
$$;
COMMENT ON FUNCTION lending.group_of(identity.businesses, text) IS
'The group, locked. Raises ZO036 (no such group). Internal.';
