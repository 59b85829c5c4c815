-- requires: identity.current_tenant
-- Maintenance: merge the stripes of the balances of periods that are over.
CREATE OR REPLACE FUNCTION ledger.fold_balances(
    p_max_periods integer DEFAULT 12,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period record;
    v_removed integer := 0;
    v_allowed text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.maintain');
    v_allowed := current_setting('pgerp.business_ids', true);
    FOR v_period IN
        SELECT
            p.business_id,
            p.id
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.ends_on < current_date
            AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(p.business_id))
            AND EXISTS (
                SELECT FROM ledger.account_balances AS b
                WHERE b.tenant_id = p.tenant_id
                    AND b.business_id = p.business_id
                    AND b.period_id = p.id
                GROUP BY b.account_id, b.currency_code
                HAVING count(*) > 1
            )
        ORDER BY p.starts_on, p.business_id, p.id
        LIMIT p_max_periods
    LOOP
        v_removed := v_removed + ledger.fold_period(
            p_tenant_id, v_period.business_id, v_period.id
        );
    END LOOP;
    RETURN v_removed;
END;
$$;
COMMENT ON FUNCTION ledger.fold_balances(integer, integer) IS
'Merges the rows over which balances of periods that are over are spread (stripes) into one each, '
'for at most p_max_periods periods of the token''s businesses, the oldest first; no sum changes, '
'statements read less, and find the rows of a period side by side. Returns how many rows it '
'removed; call it until that is 0 (pgerp maintain does). It waits for nobody; who posts into such '
'a period meanwhile, or changes the limits of such an account, waits for its end. Raises ZI001 to '
'ZI004 (token).';
