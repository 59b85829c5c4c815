-- Who is acting: the subject of the verified token inside the API, the login role elsewhere.
CREATE OR REPLACE FUNCTION core.current_actor()
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE
        WHEN current_user = 'pgerp_owner'
            THEN coalesce(nullif(current_setting('pgerp.actor', true), ''), session_user::text)
        ELSE session_user::text
    END;
END;
$$;
COMMENT ON FUNCTION core.current_actor() IS
'Who is acting, for stamps. The setting pgerp.actor counts only inside functions that run as '
'pgerp_owner, which set it from the verified token (identity.enter_tenant): a client cannot '
'forge it.';
