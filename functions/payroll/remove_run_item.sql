-- An item is taken out of a run again.
CREATE OR REPLACE FUNCTION payroll.remove_run_item(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_employee_no text,
    p_kind text,
    p_code text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_run payroll.runs;
    v_employee_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_run := payroll.lock_run(
        p_tenant_id, v_business.id, p_calendar_code, p_period_code,
        enum_range(NULL::payroll.run_status)
    );
    v_employee_id := payroll.employee_of(p_tenant_id, v_business.id, p_employee_no);
    DELETE FROM payroll.run_items AS i
    WHERE i.tenant_id = p_tenant_id
        AND i.run_id = v_run.id
        AND i.employee_id = v_employee_id
        AND i.kind = p_kind::payroll.item_kind
        AND i.code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % has no such item: %', p_period_code, coalesce(p_code, 'NULL')
        USING ERRCODE = 'ZY001',
            HINT = 'See payroll.run_items.';
    END IF;
    UPDATE payroll.runs AS r
    SET status = 'draft', approved_by = NULL, approved_at = NULL
    WHERE r.tenant_id = p_tenant_id AND r.id = v_run.id;
END;
$$;
COMMENT ON FUNCTION payroll.remove_run_item(
    text, text, text, text, text, text, integer
) IS
'Takes an item of an employee out of a run; the run is a draft again. A record that is in the '
'books stays as it is. Needs payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 (token, '
'business, permission), ZY001 (no such calendar, run, employee or item), 22P02 (kind).';
