-- Refuse who lacks a permission that must be named.
CREATE OR REPLACE FUNCTION identity.require_permission(p_permission text)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF identity.has_permission(p_permission) IS NOT true THEN
        RAISE EXCEPTION 'permission % is needed', p_permission
        USING ERRCODE = 'ZI011',
            HINT = 'It must be named by the token''s claim permissions, or by a role of its user.';
    END IF;
END;
$$;
COMMENT ON FUNCTION identity.require_permission(text) IS
'Raises ZI011 unless identity.has_permission. For permissions that must be named, which '
'identity.enter_tenant takes as given by a token without the claim permissions. Internal.';
