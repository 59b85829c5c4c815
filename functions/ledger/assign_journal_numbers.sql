-- requires: identity.current_tenant
-- Give posted entries their gap-free numbers, on demand.
CREATE OR REPLACE FUNCTION ledger.assign_journal_numbers(
    p_business_code text,
    p_through date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_year_id uuid;
    v_count bigint := 0;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.close_periods');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    FOR v_year_id IN
        SELECT y.id
        FROM ledger.fiscal_years AS y
        WHERE y.tenant_id = p_tenant_id
            AND y.business_id = v_business.id
            AND y.starts_on <= coalesce(p_through, 'infinity')
        ORDER BY y.starts_on
    LOOP
        v_count := v_count + ledger.number_entries(
            p_tenant_id, v_business.id, v_year_id, p_through => p_through
        );
    END LOOP;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION ledger.assign_journal_numbers(text, date, integer) IS
'Gives every posted entry of the business dated up to p_through (NULL: all) that has no number yet '
'its number in ledger.journal_numbers: gap-free from 1 per fiscal year, by date, kind of period, '
'time of posting and entry number; what is posted later continues after that. Returns how many. '
'Closing a period does it for the period. Raises ZI001 to ZI007 (token, business).';
