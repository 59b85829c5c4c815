-- requires: identity.current_tenant
-- What moved each month, by type of account, as of the last refresh.
CREATE OR REPLACE FUNCTION ledger.dashboard_monthly(
    p_business_code text DEFAULT NULL,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS TABLE (
    business_code text,
    month date,
    account_type text,
    debit numeric,
    credit numeric,
    amount numeric
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id);
    RETURN QUERY
    SELECT
        b.code::text,
        m.month,
        m.account_type,
        m.debit,
        m.credit,
        (m.debit - m.credit) * t.normal_side
    FROM ledger.businesses_of_token(p_tenant_id, p_business_code) AS b
    INNER JOIN ledger.mv_monthly_balances AS m
        ON m.tenant_id = b.tenant_id AND m.business_id = b.id
    INNER JOIN ledger.account_types AS t ON t.code = m.account_type
    WHERE m.month >= coalesce(p_from, '-infinity') AND m.month <= coalesce(p_to, 'infinity')
    ORDER BY b.code COLLATE "C", m.month, t.sort_order;
END;
$$;
COMMENT ON FUNCTION ledger.dashboard_monthly(text, date, date, integer) IS
'Of one business, or of each that the token covers (NULL): what moved in the months that begin '
'from p_from to p_to (NULL: without bound), by type of account, without the entries that close a '
'year; amount is positive on the normal side of the type. As of the last '
'ledger.refresh_dashboards, not of now. Raises ZI001 to ZI004 (token), ZI005 (no such business, or '
'not covered by the token).';
