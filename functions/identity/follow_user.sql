-- What a user's tokens may follows the user.
CREATE OR REPLACE FUNCTION identity.follow_user()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    IF TG_OP = 'UPDATE' AND (NEW.subject <> OLD.subject OR NEW.tenant_id <> OLD.tenant_id) THEN
        PERFORM identity.end_subject(OLD.tenant_id, OLD.subject);
    END IF;
    PERFORM identity.refresh_rights(NEW.tenant_id, NEW.id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.follow_user() IS
'Trigger of identity.users (after insert or update, each row): refreshes what the tokens of the '
'user may; a former subject is ended.';
