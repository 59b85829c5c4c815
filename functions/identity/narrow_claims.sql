-- What a token of a known user may: what it claims, as far as the user may do it.
CREATE OR REPLACE FUNCTION identity.narrow_claims(
    p_claims jsonb,
    p_valid_from timestamptz,
    p_business jsonb,
    p_permissions jsonb
)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_valid_from > '-infinity' AND coalesce(
        p_valid_from > to_timestamp((p_claims ->> 'iat')::numeric), true
    ) THEN
        RAISE EXCEPTION 'the tokens of this user were ended'
        USING ERRCODE = 'ZI009',
            DETAIL = 'The user is inactive or deleted, or was when the token was issued.',
            HINT = 'Sign in again; an inactive user comes back by identity.reactivate_user.';
    END IF;
    IF p_business = '"*"' THEN
        p_business := p_claims -> 'business';
    ELSIF p_claims -> 'business' <> '"*"' THEN
        p_business := (
            SELECT coalesce(jsonb_agg(b.id ORDER BY b.id), '[]')
            FROM jsonb_array_elements(p_business) AS b (id)
            WHERE p_claims -> 'business' @> b.id
        );
    END IF;
    IF p_claims ? 'permissions' THEN
        p_permissions := (
            SELECT coalesce(jsonb_agg(p.code ORDER BY p.code COLLATE "C"), '[]')
            FROM jsonb_array_elements_text(p_permissions) AS p (code)
            WHERE identity.claims_permit(p_claims, p.code)
        );
    END IF;
    RETURN p_claims || jsonb_build_object('business', p_business, 'permissions', p_permissions);
END;
$$;
COMMENT ON FUNCTION identity.narrow_claims(jsonb, timestamptz, jsonb, jsonb) IS
'The claims of a verified token whose subject is a user: its businesses and permissions are those '
'that both the token and the user (a row of identity.subject_rights) have. Internal: called by '
'identity.token_claims. Raises ZI009 '
'(the user is inactive or deleted, or was when the token was issued).';
