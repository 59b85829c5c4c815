-- Nothing is taken out of the log that a court may ask for.
CREATE OR REPLACE FUNCTION audit.guard_redaction()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_held text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'rows of audit.redactions never change and never go'
        USING ERRCODE = 'ZA009',
            DETAIL = format('Refused: %s.', TG_OP),
            HINT = 'They are the record of what was taken out of the log.';
    END IF;
    -- A hold that is being placed is waited for, and none is placed until this has committed.
    LOCK TABLE audit.legal_holds IN SHARE MODE;
    SELECT h.reason INTO v_held
    FROM audit.legal_holds AS h
    WHERE h.tenant_id = NEW.tenant_id
        AND h.valid_from <= now()
        AND (h.valid_until IS NULL OR h.valid_until > now())
    ORDER BY h.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a legal hold keeps the audit log as it is'
        USING ERRCODE = 'ZA008',
            DETAIL = format('In force: %s.', v_held),
            HINT = 'Redact when the hold is over, or after audit.lift_legal_hold.';
    END IF;
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
