-- The lines of a payslip change as long as the record may.
CREATE OR REPLACE FUNCTION payroll.guard_record_item()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_record_ids uuid[];
    v_tenant_id integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        v_tenant_id := NEW.tenant_id;
        v_record_ids := ARRAY[NEW.record_id];
    ELSIF TG_OP = 'UPDATE' THEN
        v_tenant_id := OLD.tenant_id;
        v_record_ids := ARRAY[OLD.record_id, NEW.record_id];
    ELSE
        v_tenant_id := OLD.tenant_id;
        v_record_ids := ARRAY[OLD.record_id];
    END IF;
    IF EXISTS (
        SELECT FROM payroll.payroll_records AS r
        WHERE r.tenant_id = v_tenant_id AND r.id = ANY (v_record_ids) AND r.status <> 'pending'
    ) THEN
        RAISE EXCEPTION 'the items of a record that was sent to the books do not change'
        USING ERRCODE = 'ZY004',
            HINT = 'Reverse it with payroll.reverse_record, and calculate the run again.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$;
COMMENT ON FUNCTION payroll.guard_record_item() IS
'Trigger (before insert, update or delete of payroll.record_items, each row). Raises ZY004 (the '
'record is not pending).';
