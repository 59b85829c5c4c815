-- What was paid to an employee in the year of a day, as far as it is sent to the books.
CREATE OR REPLACE FUNCTION payroll.gross_to_date(
    p_tenant_id integer,
    p_business_id integer,
    p_employee_id uuid,
    p_pay_date date
)
RETURNS numeric
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(r.gross), 0) + coalesce((
        SELECT o.gross
        FROM payroll.opening_balances AS o
        WHERE o.tenant_id = p_tenant_id
            AND o.business_id = p_business_id
            AND o.employee_id = p_employee_id
            AND o.year = date_part('year', p_pay_date::timestamp)
    ), 0)
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.business_id = p_business_id
        AND r.employee_id = p_employee_id
        AND r.pay_date >= date_trunc('year', p_pay_date::timestamp)::date
        AND r.pay_date < (date_trunc('year', p_pay_date::timestamp) + interval '1 year')::date
        AND r.status IN ('processing', 'processed', 'paid', 'reversing');
$$;
COMMENT ON FUNCTION payroll.gross_to_date(integer, integer, uuid, date) IS
'The gross of an employee''s records of the calendar year of a day that are sent to the books or '
'in them, whatever their order, and of payroll.opening_balances. Internal.';
