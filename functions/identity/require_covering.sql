-- Nobody gives, or takes over, more than they have.
CREATE OR REPLACE FUNCTION identity.require_covering(p_permissions jsonb, p_business jsonb)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_claims jsonb := identity.token_claims();
BEGIN
    IF v_claims ? 'permissions' AND EXISTS (
        SELECT FROM jsonb_array_elements_text(p_permissions) AS p (code)
        WHERE NOT identity.claims_permit(v_claims, p.code)
    )
    OR NOT (
        v_claims -> 'business' = '"*"'
        OR (p_business <> '"*"' AND v_claims -> 'business' @> p_business)
    )
    THEN
        RAISE EXCEPTION 'that is more than you may yourself'
        USING ERRCODE = 'ZI013',
            DETAIL = format('Permissions %s, businesses %s.', p_permissions, p_business),
            HINT = 'Have somebody do it who may all of that.';
    END IF;
END;
$$;
COMMENT ON FUNCTION identity.require_covering(jsonb, jsonb) IS
'Raises ZI013 unless the session''s token permits all of p_permissions (a list) and covers '
'p_business (a list of ids, or "*"). A service whose token has no claim permissions permits all. '
'Internal: so that who manages users cannot make themselves more than they are.';
