-- What the runs of a business came to, as of the last refresh.
CREATE OR REPLACE FUNCTION payroll.run_summaries(
    p_business_code text,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS TABLE (
    calendar_code text,
    period_code text,
    pay_date date,
    department_code text,
    employees bigint,
    gross numeric,
    taxes numeric,
    deductions numeric,
    net numeric,
    employer_costs numeric,
    paid numeric
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.read');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    RETURN QUERY
    SELECT
        c.code::text,
        r.period_code::text,
        r.pay_date::date,
        m.department_code,
        m.employees,
        m.gross,
        m.taxes,
        m.deductions,
        m.net,
        m.employer_costs,
        m.paid
    FROM payroll.run_summary AS m
    INNER JOIN payroll.runs AS r ON r.tenant_id = m.tenant_id AND r.id = m.run_id
    INNER JOIN payroll.calendars AS c ON c.tenant_id = r.tenant_id AND c.id = r.calendar_id
    WHERE m.tenant_id = p_tenant_id
        AND m.business_id = v_business.id
        AND r.pay_date >= coalesce(p_from, '-infinity')
        AND r.pay_date <= coalesce(p_to, 'infinity')
    ORDER BY r.pay_date, c.code COLLATE "C", m.department_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION payroll.run_summaries(text, date, date, integer) IS
'Of the runs of a business paid from p_from to p_to (NULL: without bound), per department: how '
'many records are in the books and their sums, as of the last payroll.refresh_summary, not of now. '
'Needs payroll.read. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission).';
