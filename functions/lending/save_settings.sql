-- From which day on the books of lending take entries.
CREATE OR REPLACE FUNCTION lending.save_settings(
    p_business_code text,
    p_books_open_from date,
    p_version integer DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_settings lending.settings;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.configure');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    SELECT s.* INTO v_settings
    FROM lending.settings AS s
    WHERE s.tenant_id = p_tenant_id AND s.business_id = v_business.id
    FOR NO KEY UPDATE;
    IF p_version <> coalesce(v_settings.version, 0) THEN
        RAISE EXCEPTION 'the settings of % were changed meanwhile', p_business_code
        USING ERRCODE = 'ZK001',
            DETAIL = format(
                'The version is %s, the change is of version %s.',
                coalesce(v_settings.version, 0), p_version
            ),
            HINT = 'Read them again, and decide again.';
    END IF;
    INSERT INTO lending.settings AS s (tenant_id, business_id, books_open_from)
    VALUES (p_tenant_id, v_business.id, p_books_open_from)
    ON CONFLICT (tenant_id, business_id)
    DO UPDATE SET books_open_from = p_books_open_from
    RETURNING s.* INTO v_settings;
    RETURN v_settings.version;
END;
$$;
COMMENT ON FUNCTION lending.save_settings(text, date, integer, integer) IS
'What happened before p_books_open_from and is recorded, or reversed, from now on is booked on '
'that day: give it when the periods before it are closed. NULL: all is booked on its own day. '
'What is booked stays. p_version, if given, is the version that the caller has read, 0: none. '
'Returns the new one. Needs lending.configure. Raises ZI001 to ZI007, ZI009 to ZI011 (token, '
'business, permission), ZK001 (changed meanwhile), 23514 (an infinite day).';
