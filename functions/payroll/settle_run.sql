-- A run is processed once every record of it is in the books.
CREATE OR REPLACE FUNCTION payroll.settle_run(p_tenant_id integer, p_run_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_open integer;
    v_unpaid integer;
BEGIN
    SELECT
        count(*) FILTER (WHERE r.status IN ('pending', 'processing')),
        count(*) FILTER (WHERE r.status = 'processed')
    INTO v_open, v_unpaid
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_tenant_id AND r.run_id = p_run_id;
    UPDATE payroll.runs AS r
    SET status = 'processed'
    WHERE r.tenant_id = p_tenant_id
        AND r.id = p_run_id
        AND (
            r.status = 'processing' AND v_open = 0
            OR r.status = 'paid' AND v_unpaid > 0
        );
END;
$$;
COMMENT ON FUNCTION payroll.settle_run(integer, uuid) IS
'Makes a run processed when no record of it waits for the books, and again when a payment was '
'refused. Internal.';
