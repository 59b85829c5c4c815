-- What a user's tokens may follows what the user is granted.
CREATE OR REPLACE FUNCTION identity.follow_grant()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    PERFORM identity.refresh_rights(NEW.tenant_id, NEW.user_id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.follow_grant() IS
'Trigger of identity.user_roles and identity.user_businesses (after insert or update, each row): '
'refreshes what the tokens of the user may.';
