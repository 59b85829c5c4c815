-- What was withheld of an employee in the year of a day: by records in the books, and before them.
CREATE OR REPLACE FUNCTION payroll.withheld_to_date(
    p_tenant_id integer,
    p_business_id integer,
    p_employee_id uuid,
    p_pay_date date
)
RETURNS TABLE (code text, base numeric, amount numeric, employer_amount numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        w.code,
        sum(w.base),
        sum(w.amount),
        sum(w.employer_amount)
    FROM (
        SELECT
            i.code,
            i.base,
            i.amount,
            i.employer_amount
        FROM payroll.payroll_records AS r
        INNER JOIN payroll.record_items AS i
            ON i.tenant_id = r.tenant_id AND i.record_id = r.id
        WHERE r.tenant_id = p_tenant_id
            AND r.business_id = p_business_id
            AND r.employee_id = p_employee_id
            AND r.pay_date >= date_trunc('year', p_pay_date::timestamp)::date
            AND r.pay_date < (date_trunc('year', p_pay_date::timestamp) + interval '1 year')::date
            AND r.status IN ('processing', 'processed', 'paid', 'reversing')
            AND i.kind = 'statutory'
        UNION ALL
        SELECT
            o.component::text,
            o.base,
            o.amount,
            o.employer_amount
        FROM payroll.opening_balance_items AS o
        WHERE o.tenant_id = p_tenant_id
            AND o.business_id = p_business_id
            AND o.employee_id = p_employee_id
            AND o.year = date_part('year', p_pay_date::timestamp)
    ) AS w
    GROUP BY w.code;
$$;
COMMENT ON FUNCTION payroll.withheld_to_date(integer, integer, uuid, date) IS
'What was withheld of an employee, and owed by the employer, in the calendar year of a day, and of '
'which base: a row for each component, of records that are sent to the books or in them and of '
'payroll.opening_balance_items. Internal.';
