-- A department of a business by its code.
CREATE OR REPLACE FUNCTION hr.department_of(
    p_tenant_id integer,
    p_business_id integer,
    p_code text
)
RETURNS hr.departments
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_department hr.departments;
BEGIN
    SELECT d.* INTO v_department
    FROM hr.departments AS d
    WHERE d.tenant_id = p_tenant_id AND d.business_id = p_business_id AND d.code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such department: %', coalesce(p_code, 'NULL')
        USING ERRCODE = 'ZH002',
            HINT = 'See hr.departments for the codes; hr.create_department makes one.';
    END IF;
    RETURN v_department;
END;
$$;
COMMENT ON FUNCTION hr.department_of(integer, integer, text) IS
'The department of a business with that code. Internal. Raises ZH002 (no such department).';
