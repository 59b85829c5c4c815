-- A period by its code, locked: nobody is posting into it any more, nor changing it.
CREATE OR REPLACE FUNCTION ledger.lock_period(
    p_tenant_id integer,
    p_business_id integer,
    p_period_code text
)
RETURNS ledger.fiscal_periods
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period ledger.fiscal_periods;
BEGIN
    SELECT p.* INTO v_period
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id AND p.business_id = p_business_id AND p.code = p_period_code
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such fiscal period: %', coalesce(p_period_code, 'NULL')
        USING ERRCODE = 'ZL040',
            HINT = 'See ledger.fiscal_periods for the codes.';
    END IF;
    IF v_period.kind = 'closing' THEN
        RAISE EXCEPTION 'fiscal period % is for closing the year', p_period_code
        USING ERRCODE = 'ZL044',
            HINT = 'Use ledger.close_fiscal_year and ledger.reopen_fiscal_year.';
    END IF;
    RETURN v_period;
END;
$$;
COMMENT ON FUNCTION ledger.lock_period(integer, integer, text) IS
'The regular or adjusting period, locked until the transaction ends, once those who are posting '
'into it have ended. Internal. Raises ZL040 (no such period), ZL044 (a closing period).';
