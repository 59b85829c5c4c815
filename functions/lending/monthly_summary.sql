-- What loans brought and cost each month, as of the last refresh.
CREATE OR REPLACE FUNCTION lending.monthly_summary(
    p_business_code text DEFAULT NULL,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS TABLE (
    business_code text,
    currency_code text,
    month date,
    loans_disbursed bigint,
    disbursed numeric,
    payments bigint,
    cash_received numeric,
    principal_repaid numeric,
    interest_paid numeric,
    fees_paid numeric,
    penalties_paid numeric,
    interest_charged numeric,
    fees_charged numeric,
    penalties_charged numeric,
    waived numeric,
    written_off numeric,
    recovered numeric,
    refunded numeric,
    allowance_change numeric,
    closing_principal numeric
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business_ids integer[];
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id);
    v_business_ids := lending.readable_businesses(p_business_code);
    RETURN QUERY
    SELECT
        b.code::text,
        m.currency_code,
        m.month,
        m.loans_disbursed,
        m.disbursed,
        m.payments,
        m.cash_received,
        m.principal_repaid,
        m.interest_paid,
        m.fees_paid,
        m.penalties_paid,
        m.interest_charged,
        m.fees_charged,
        m.penalties_charged,
        m.waived,
        m.written_off,
        m.recovered,
        m.refunded,
        m.allowance_change,
        m.closing_principal
    FROM identity.businesses AS b
    INNER JOIN lending.mvw_monthly_financial_summary AS m
        ON m.tenant_id = b.tenant_id AND m.business_id = b.id
    WHERE b.tenant_id = p_tenant_id
        AND b.id = ANY (v_business_ids)
        AND m.month >= coalesce(p_from, '-infinity')
        AND m.month <= coalesce(p_to, 'infinity')
    ORDER BY b.code COLLATE "C", m.month, m.currency_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION lending.monthly_summary(text, date, date, integer) IS
'Of one business, or of each that the token covers (NULL), the months that begin from p_from to '
'p_to (NULL: without bound), by the days on which the books have it, and currency: loans paid out '
'and how much; payments, the money they brought, and what was paid of principal, interest, fees '
'and penalties, out of advances too; what was charged, waived, written off, recovered and '
'refunded; by how much the allowance for loss changed; the principal owed at the end of the month. '
'Reversals count in the month that the books have them in. As of the last lending.refresh_summary, '
'not of now. Raises ZI001 to ZI004 (token), ZI005 (no such business, or not covered).';
