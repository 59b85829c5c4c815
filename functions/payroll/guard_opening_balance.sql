-- What counted when pay was sent to the books stays as it counted.
CREATE OR REPLACE FUNCTION payroll.guard_opening_balance()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_employee_no text;
    v_year integer;
BEGIN
    SELECT
        r.employee_no,
        date_part('year', r.pay_date::timestamp)
    INTO v_employee_no, v_year
    FROM payroll.payroll_records AS r
    WHERE r.status IN ('processing', 'processed', 'paid', 'reversing')
        AND (
            TG_OP <> 'INSERT'
            AND r.tenant_id = OLD.tenant_id
            AND r.business_id = OLD.business_id
            AND r.employee_id = OLD.employee_id
            AND date_part('year', r.pay_date::timestamp) = OLD.year
            OR TG_OP <> 'DELETE'
            AND r.tenant_id = NEW.tenant_id
            AND r.business_id = NEW.business_id
            AND r.employee_id = NEW.employee_id
            AND date_part('year', r.pay_date::timestamp) = NEW.year
        )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'pay of employee % of % is in the books', v_employee_no, v_year
        USING ERRCODE = 'ZY010',
            HINT = 'Reverse the records of that year first, with payroll.reverse_record.';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$;
COMMENT ON FUNCTION payroll.guard_opening_balance() IS
'Trigger (before insert, update or delete of payroll.opening_balances and '
'payroll.opening_balance_items, each row). Raises ZY010 (pay of the employee in that year is sent '
'to the books or in them).';
