-- What loans brought and cost each month, of every tenant, one after the other: row security holds
-- for the owner too, so the owner enters each.
CREATE OR REPLACE FUNCTION lending.monthly_movements()
RETURNS TABLE (
    tenant_id integer,
    business_id integer,
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
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entered text := current_setting('pgerp.tenant_id', true);
    v_tenant_id integer;
BEGIN
    FOR v_tenant_id IN
        SELECT t.id
        FROM identity.tenants AS t
        ORDER BY t.id
    LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant_id::text, true);
        RETURN QUERY
        WITH months AS (
            SELECT
                m.business_id,
                m.loan_id,
                date_trunc('month', m.booked_on::timestamp)::date AS month,
                m.kind,
                -- What is known by now of the transaction; corrections are no further ones.
                count(DISTINCT m.transaction_id) AS transactions,
                sum(m.cash::numeric) AS cash,
                sum(m.principal::numeric) AS principal,
                sum(m.interest::numeric) AS interest,
                sum(m.fees::numeric) AS fees,
                sum(m.penalties::numeric) AS penalties,
                sum(m.allowance::numeric) AS allowance
            FROM lending.movements AS m
            WHERE m.tenant_id = v_tenant_id
            GROUP BY 1, 2, 3, 4
        )

        SELECT
            v_tenant_id,
            s.business_id,
            l.currency_code::text,
            s.month,
            count(DISTINCT s.loan_id) FILTER (WHERE s.kind = 'disbursement' AND s.principal > 0),
            coalesce(sum(s.principal) FILTER (WHERE s.kind = 'disbursement'), 0),
            coalesce(sum(s.transactions) FILTER (WHERE s.kind = 'payment'), 0)::bigint,
            coalesce(sum(s.cash) FILTER (WHERE s.kind = 'payment'), 0),
            coalesce(-sum(s.principal) FILTER (WHERE s.kind IN ('payment', 'advance')), 0),
            coalesce(-sum(s.interest) FILTER (WHERE s.kind IN ('payment', 'advance')), 0),
            coalesce(-sum(s.fees) FILTER (WHERE s.kind IN ('payment', 'advance')), 0),
            coalesce(-sum(s.penalties) FILTER (WHERE s.kind IN ('payment', 'advance')), 0),
            coalesce(sum(s.interest) FILTER (WHERE s.kind = 'charge'), 0),
            coalesce(sum(s.fees) FILTER (WHERE s.kind = 'charge'), 0),
            coalesce(sum(s.penalties) FILTER (WHERE s.kind = 'charge'), 0),
            coalesce(
                -sum(s.interest + s.fees + s.penalties) FILTER (WHERE s.kind = 'waiver'), 0
            ),
            coalesce(
                -sum(s.principal + s.interest + s.fees + s.penalties)
                FILTER (WHERE s.kind = 'write_off'),
                0
            ),
            coalesce(sum(s.cash) FILTER (WHERE s.kind = 'recovery'), 0),
            coalesce(-sum(s.cash) FILTER (WHERE s.kind = 'refund'), 0),
            coalesce(sum(s.allowance), 0),
            sum(coalesce(sum(s.principal), 0)) OVER (
                PARTITION BY s.business_id, l.currency_code ORDER BY s.month
            )
        FROM months AS s
        INNER JOIN lending.loans AS l ON l.tenant_id = v_tenant_id AND l.id = s.loan_id
        GROUP BY s.business_id, l.currency_code, s.month;
    END LOOP;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
END;
$$;
COMMENT ON FUNCTION lending.monthly_movements() IS
'The source of lending.mvw_monthly_financial_summary: all tenants. Internal: for the owner alone.';
