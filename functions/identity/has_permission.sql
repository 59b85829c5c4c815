-- What the token allows beyond its tenant and businesses.
CREATE OR REPLACE FUNCTION identity.has_permission(p_permission text)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_permissions jsonb := identity.token_claims() -> 'permissions';
BEGIN
    RETURN jsonb_typeof(v_permissions) = 'array' AND v_permissions ?| ARRAY[p_permission, '*'];
END;
$$;
COMMENT ON FUNCTION identity.has_permission(text) IS
'Whether the verified token''s claim permissions (a list) names the permission, such as '
'ledger.post_soft_closed, or *. False (or NULL) without a token or claim. Raises ZI002, ZI003 '
'(token).';
