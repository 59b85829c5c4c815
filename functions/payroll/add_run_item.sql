-- A bonus, unpaid days, an advance: what a run has besides salary and statute.
CREATE OR REPLACE FUNCTION payroll.add_run_item(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_employee_no text,
    p_kind text,
    p_code text,
    p_amount numeric,
    p_description text DEFAULT NULL,
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
    IF p_amount <> round(p_amount, 4) THEN
        RAISE EXCEPTION 'amount % has more than 4 decimals', p_amount
        USING ERRCODE = 'numeric_value_out_of_range',
            HINT = 'Round it.';
    END IF;
    IF EXISTS (
        SELECT FROM payroll.payroll_records AS r
        WHERE r.tenant_id = p_tenant_id
            AND r.run_id = v_run.id
            AND r.employee_id = v_employee_id
            AND r.status NOT IN ('pending', 'reversed')
    ) THEN
        RAISE EXCEPTION 'the record of employee % is in the books', p_employee_no
        USING ERRCODE = 'ZY004',
            HINT = 'Reverse it with payroll.reverse_record, or use the next run.';
    END IF;
    INSERT INTO payroll.run_items AS i (
        tenant_id, business_id, run_id, employee_id, kind, code, description, amount
    )
    VALUES (
        p_tenant_id, v_business.id, v_run.id, v_employee_id, p_kind::payroll.item_kind, p_code,
        p_description, p_amount
    )
    ON CONFLICT (tenant_id, run_id, employee_id, kind, code) DO UPDATE
    SET
        amount = excluded.amount,
        description = excluded.description;
    -- It is calculated and approved again.
    UPDATE payroll.runs AS r
    SET status = 'draft', approved_by = NULL, approved_at = NULL
    WHERE r.tenant_id = p_tenant_id AND r.id = v_run.id;
END;
$$;
COMMENT ON FUNCTION payroll.add_run_item(
    text, text, text, text, text, text, numeric, text, integer
) IS
'Adds an item for an employee to a run, or changes it; the run is a draft again. p_kind: earning, '
'absence (less gross) or deduction (less net); p_amount: more than zero, at most 4 decimals. Needs '
'payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZY001 (no '
'such calendar, run or employee), ZY004 (the record is in the books), 22003 (amount), 22P02 '
'(kind), 23502, 23514 (malformed).';
