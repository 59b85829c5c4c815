-- An employee of a business whom payroll knows, by number.
CREATE OR REPLACE FUNCTION payroll.employee_of(
    p_tenant_id integer,
    p_business_id integer,
    p_employee_no text
)
RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT c.employee_id INTO v_id
    FROM payroll.employee_cache AS c
    WHERE c.tenant_id = p_tenant_id
        AND c.business_id = p_business_id
        AND c.employee_no = p_employee_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payroll knows no employee %', coalesce(p_employee_no, 'NULL')
        USING ERRCODE = 'ZY001',
            HINT = 'See payroll.employee_cache, which the events of hr fill.';
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION payroll.employee_of(integer, integer, text) IS
'The id of the employee of a business with that number. Internal. Raises ZY001 (not known).';
