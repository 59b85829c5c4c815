-- What a user's tokens may follows what is taken from the user.
CREATE OR REPLACE FUNCTION identity.follow_revocation()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', OLD.tenant_id::text, true);
    PERFORM identity.refresh_rights(OLD.tenant_id, OLD.user_id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.follow_revocation() IS
'Trigger of identity.user_roles and identity.user_businesses (after update or delete, each row): '
'refreshes what the tokens of the user may.';
