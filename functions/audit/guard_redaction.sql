-- What was taken out of the log, and why, stays on record.
CREATE OR REPLACE FUNCTION audit.guard_redaction()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'rows of audit.redactions never change and never go'
        USING ERRCODE = 'ZA009',
            DETAIL = format('Refused: %s.', TG_OP),
            HINT = 'They are the record of what was taken out of the log.';
    END IF;
    PERFORM audit.require_no_hold(NEW.tenant_id);
    NEW.business_id := (
        SELECT l.business_id
        FROM audit.log AS l
        WHERE l.tenant_id = NEW.tenant_id AND l.id = NEW.log_id
    );
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION audit.guard_redaction() IS
'Trigger (before insert, update or delete, each row): raises ZA008 while a legal hold of the tenant '
'is in force, ZA009 for anything but an insert; sets the business to that of the row of the log.';
