-- Who is paid by which calendar.
CREATE OR REPLACE FUNCTION payroll.enrol_employee(
    p_business_code text,
    p_employee_no text,
    p_calendar_code text,
    p_filing_status text DEFAULT 'single',
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_employee_id uuid;
    v_calendar payroll.calendars;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_employee_id := payroll.employee_of(p_tenant_id, v_business.id, p_employee_no);
    v_calendar := payroll.calendar_of(p_tenant_id, v_business.id, p_calendar_code);
    INSERT INTO payroll.enrolments AS e (
        tenant_id, business_id, employee_id, calendar_id, filing_status
    )
    VALUES (p_tenant_id, v_business.id, v_employee_id, v_calendar.id, p_filing_status)
    ON CONFLICT (tenant_id, employee_id) DO UPDATE
    SET
        calendar_id = excluded.calendar_id,
        filing_status = excluded.filing_status;
END;
$$;
COMMENT ON FUNCTION payroll.enrol_employee(text, text, text, text, integer) IS
'Has an employee be paid by a calendar from its next calculation on, instead of by another. '
'p_filing_status: single, married or head_of_household, where rates depend on it. Needs '
'payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZY001 (no '
'such employee or calendar), 23502, 23514 (filing status).';
