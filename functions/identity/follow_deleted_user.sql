-- The tokens of a user end with the user.
CREATE OR REPLACE FUNCTION identity.follow_deleted_user()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', OLD.tenant_id::text, true);
    PERFORM identity.end_subject(OLD.tenant_id, OLD.subject);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.follow_deleted_user() IS
'Trigger of identity.users (after delete, each row): ends the tokens of the user.';
