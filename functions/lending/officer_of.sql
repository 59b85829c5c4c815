-- Who answers for a loan: an active user who works for the business.
CREATE OR REPLACE FUNCTION lending.officer_of(
    p_business identity.businesses,
    p_officer text
)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_officer text := coalesce(p_officer, core.current_actor());
BEGIN
    IF NOT EXISTS (
        SELECT FROM identity.users AS u
        WHERE u.tenant_id = p_business.tenant_id
            AND u.subject = v_officer
            AND u.is_active
            AND (
                u.all_businesses
                OR EXISTS (
                    SELECT FROM identity.user_businesses AS b
                    WHERE b.tenant_id = u.tenant_id
                        AND b.user_id = u.id
                        AND b.business_id = p_business.id
                )
            )
    ) THEN
        RAISE EXCEPTION '% is no loan officer of business %', v_officer, p_business.code
        USING ERRCODE = 'ZO034',
            DETAIL = 'It is no active user of the tenant who works for the business.',
            HINT = 'Name one in p_officer; see identity.create_user and identity.grant_business.';
    END IF;
    RETURN v_officer;
END;
$$;
COMMENT ON FUNCTION lending.officer_of(identity.businesses, text) IS
'The subject of the officer, who acts where p_officer is NULL. Raises ZO034 (no active user, or '
'not of the business). Internal.';
