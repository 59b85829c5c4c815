-- What the tokens of a role's users may follows what is taken from the role.
CREATE OR REPLACE FUNCTION identity.follow_role_loss()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', OLD.tenant_id::text, true);
    PERFORM identity.refresh_role(OLD.tenant_id, OLD.role_id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.follow_role_loss() IS
'Trigger of identity.role_permissions (after update or delete, each row): refreshes what the '
'tokens of the role''s users may.';
