-- Whether claims permit something.
CREATE OR REPLACE FUNCTION identity.claims_permit(p_claims jsonb, p_permission text)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_listed jsonb := p_claims -> 'permissions';
BEGIN
    IF p_claims IS NULL OR p_permission IS NULL THEN
        RETURN false;
    END IF;
    IF p_claims ? 'permissions' THEN
        IF jsonb_typeof(v_listed) <> 'array' THEN
            RETURN false;
        ELSIF v_listed ?| ARRAY[p_permission, '*'] THEN
            RETURN true;
        ELSIF NOT v_listed ? (split_part(p_permission, '.', 1) || '.*') THEN
            RETURN false;
        END IF;
    END IF;
    -- Without the claim, or with <module>.*, it is what need not be named.
    RETURN EXISTS (
        SELECT FROM identity.permissions AS p
        WHERE p.code = p_permission AND NOT p.must_be_named
    );
END;
$$;
COMMENT ON FUNCTION identity.claims_permit(jsonb, text) IS
'Whether the claims of a token permit it: their list permissions names it, or *, or <module>.*; or '
'they have no such list. The last two hold only for what is in identity.permissions and need not '
'be named. False without claims. For identity.has_permission, which verifies the token.';
