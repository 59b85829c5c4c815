-- Every status that a loan has is on record.
CREATE OR REPLACE FUNCTION lending.note_status()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lending.status_changes (
        tenant_id, loan_id, no, business_id, from_status, to_status, changed_at, changed_by
    )
    SELECT
        NEW.tenant_id,
        NEW.id,
        -- The loan is locked by its change.
        coalesce(max(c.no), 0) + 1,
        NEW.business_id,
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END,
        NEW.status,
        now(),
        core.current_actor()
    FROM lending.status_changes AS c
    WHERE c.tenant_id = NEW.tenant_id AND c.loan_id = NEW.id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION lending.note_status() IS
'Trigger (after insert or update of lending.loans, each row whose status is new): adds to '
'lending.status_changes.';
