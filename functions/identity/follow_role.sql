-- What the tokens of a role's users may follows the role.
CREATE OR REPLACE FUNCTION identity.follow_role()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    PERFORM identity.refresh_role(NEW.tenant_id, NEW.role_id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.follow_role() IS
'Trigger of identity.role_permissions (after insert or update, each row): refreshes what the '
'tokens of the role''s users may.';
