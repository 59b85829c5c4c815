-- No year of the log goes before its time.
CREATE OR REPLACE FUNCTION audit.guard_removal()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'rows of audit.removals never change and never go'
        USING ERRCODE = 'ZA009',
            DETAIL = format('Refused: %s.', TG_OP),
            HINT = 'They are the record of what was taken out of the log.';
    END IF;
    PERFORM audit.require_no_hold(NEW.tenant_id);
    IF make_timestamptz(NEW.log_year + 8, 1, 1, 0, 0, 0, 'UTC') > now() THEN
        RAISE EXCEPTION 'the audit log of % is not old enough to be removed', NEW.log_year
        USING ERRCODE = 'ZA011',
            HINT = 'It is kept for 7 years after its end.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION audit.guard_removal() IS
'Trigger (before insert, update or delete, each row). Raises ZA008 (a legal hold of the tenant is '
'in force), ZA011 (the year ended less than 7 years ago), ZA009 for anything but an insert.';
