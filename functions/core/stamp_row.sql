-- Keep created_* and last_modified_* true, whatever the writer gives.
CREATE OR REPLACE FUNCTION core.stamp_row()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.last_modified_at := now();
    NEW.last_modified_by := core.current_actor();
    IF TG_OP = 'INSERT' THEN
        NEW.created_at := NEW.last_modified_at;
        NEW.created_by := NEW.last_modified_by;
    ELSE
        NEW.created_at := OLD.created_at;
        NEW.created_by := OLD.created_by;
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION core.stamp_row() IS
'Trigger (before insert or update, each row): sets created_at, created_by, last_modified_at, '
'last_modified_by; what the writer gives is ignored.';
