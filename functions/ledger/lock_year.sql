-- A fiscal year by its code, with the calendar and all of its periods locked.
CREATE OR REPLACE FUNCTION ledger.lock_year(
    p_tenant_id integer,
    p_business_id integer,
    p_year_code text
)
RETURNS ledger.fiscal_years
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_year ledger.fiscal_years;
BEGIN
    PERFORM ledger.lock_fiscal_calendar(p_tenant_id, p_business_id);
    SELECT y.* INTO v_year
    FROM ledger.fiscal_years AS y
    WHERE y.tenant_id = p_tenant_id AND y.business_id = p_business_id AND y.code = p_year_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such fiscal year: %', coalesce(p_year_code, 'NULL')
        USING ERRCODE = 'ZL040',
            HINT = 'See ledger.fiscal_years for the codes.';
    END IF;
    PERFORM FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = p_business_id
        AND p.fiscal_year_id = v_year.id
    ORDER BY p.id
    FOR UPDATE;
    RETURN v_year;
END;
$$;
COMMENT ON FUNCTION ledger.lock_year(integer, integer, text) IS
'The fiscal year, its periods locked until the transaction ends, once those who are posting into '
'them have ended. Internal. Raises ZL040 (no such year), 25001 outside READ COMMITTED.';
