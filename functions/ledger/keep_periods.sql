-- Keep periods from being closed until the transaction ends.
CREATE OR REPLACE FUNCTION ledger.keep_periods(p_tenant_id integer, p_period_ids uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id AND p.id = ANY (p_period_ids)
    ORDER BY p.id
    FOR KEY SHARE;
END;
$$;
COMMENT ON FUNCTION ledger.keep_periods(integer, uuid[]) IS
'Takes, in the order of their ids, the lock on periods that posting into them takes: whoever posts '
'into several calls this first. Internal: for functions that have entered the tenant. Raises 40001 '
'when one was changed since the snapshot of a REPEATABLE READ transaction.';
