-- A run is processed once every record of it is in the books.
CREATE OR REPLACE FUNCTION payroll.settle_run(p_tenant_id integer, p_run_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE payroll.runs AS n
    SET status = 'processed'
    WHERE n.tenant_id = p_tenant_id
        AND n.id = p_run_id
        AND (
            n.status = 'processing' AND NOT EXISTS (
                SELECT FROM payroll.payroll_records AS r
                WHERE r.tenant_id = n.tenant_id
                    AND r.business_id = n.business_id
                    AND r.run_id = n.id
                    AND r.status IN ('pending', 'processing')
            )
            OR n.status = 'paid' AND EXISTS (
                SELECT FROM payroll.payroll_records AS r
                WHERE r.tenant_id = n.tenant_id
                    AND r.business_id = n.business_id
                    AND r.run_id = n.id
                    AND r.status = 'processed'
            )
        );
END;
$$;
COMMENT ON FUNCTION payroll.settle_run(integer, uuid) IS
'Makes a run processed when no record of it waits for the books, and again when a payment was '
'refused. Internal.';
