-- The date of a reversal for which none is given.
CREATE OR REPLACE FUNCTION ledger.reversal_date(
    p_tenant_id integer,
    p_entry ledger.journal_entries
)
RETURNS date
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period ledger.fiscal_periods;
BEGIN
    SELECT p.* INTO v_period
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id
        AND p.business_id = p_entry.business_id
        AND p.status = 'open'
        AND (
            p.id = p_entry.period_id
            OR (p.kind = 'regular' AND p.starts_on > p_entry.entry_date)
        )
    ORDER BY p.starts_on
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no fiscal period from % on is open', p_entry.entry_date
        USING ERRCODE = 'ZL002',
            HINT = 'Make the next fiscal year, or reopen a period.';
    END IF;
    RETURN greatest(p_entry.entry_date, v_period.starts_on);
END;
$$;
COMMENT ON FUNCTION ledger.reversal_date(integer, ledger.journal_entries) IS
'The entry''s own date where its period is open, else the first day of the next open period. '
'Internal. Raises ZL002 (none is open).';
