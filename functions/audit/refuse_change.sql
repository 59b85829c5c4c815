-- What is in the log stays as it is, but for what was redacted on record.
CREATE OR REPLACE FUNCTION audit.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_columns text[];
    v_redacted audit.log;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- Nobody's word is taken: the record decides, and it allows one outcome.
        v_columns := ARRAY(
            SELECT unnest(r.columns)
            FROM audit.redactions AS r
            WHERE r.tenant_id = OLD.tenant_id AND r.log_id = OLD.id
        );
        v_redacted := OLD;
        v_redacted.old_row := audit.redacted(OLD.old_row, v_columns);
        v_redacted.new_row := audit.redacted(OLD.new_row, v_columns);
        -- Byte by byte: to jsonb, 1 equals 1.0.
        IF v_columns <> '{}' AND NEW OPERATOR(pg_catalog.*=) v_redacted THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log never changes'
    USING ERRCODE = 'ZA002',
        DETAIL = format('Refused: %s of %s.', TG_OP, TG_ARGV[0]),
        HINT = 'Years that are old enough are removed whole, by audit.remove_expired.';
END;
$$;
COMMENT ON FUNCTION audit.refuse_change() IS
'Trigger (before update or delete, each row; before truncate, statement; argument: the table''s '
'name). Raises ZA002, unless an update does what audit.redactions has of the row, and nothing '
'else.';
