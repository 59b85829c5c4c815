-- requires: identity.current_tenant
-- Cash in and out day by day, as of the last refresh.
CREATE OR REPLACE FUNCTION ledger.dashboard_daily_cash(
    p_business_code text DEFAULT NULL,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS TABLE (
    business_code text,
    entry_date date,
    cash_in numeric,
    cash_out numeric,
    balance numeric
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id);
    RETURN QUERY
    SELECT d.*
    FROM (
        SELECT
            b.code::text AS business_code,
            m.entry_date,
            m.debit,
            m.credit,
            sum(m.debit - m.credit) OVER (PARTITION BY b.id ORDER BY m.entry_date)
        FROM ledger.businesses_of_token(p_tenant_id, p_business_code) AS b
        INNER JOIN ledger.mv_daily_cash AS m
            ON m.tenant_id = b.tenant_id AND m.business_id = b.id
    ) AS d
    WHERE d.entry_date >= coalesce(p_from, '-infinity')
        AND d.entry_date <= coalesce(p_to, 'infinity')
    ORDER BY d.business_code COLLATE "C", d.entry_date;
END;
$$;
COMMENT ON FUNCTION ledger.dashboard_daily_cash(text, date, date, integer) IS
'Of one business, or of each that the token covers (NULL): debits and credits of its cash accounts '
'on each day from p_from to p_to (NULL: without bound) and their balance after it, functional '
'currency. As of the last ledger.refresh_dashboards, not of now. Raises ZI001 to ZI004 (token), '
'ZI005 (no such business, or not covered by the token).';
