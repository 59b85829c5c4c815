-- Portfolio at risk by businesses, for several numbers of days at once.
CREATE OR REPLACE FUNCTION lending.par_by_days(
    p_tenant_id integer,
    p_business_ids integer[],
    p_days integer[],
    p_as_of date
)
RETURNS TABLE (
    business_id integer,
    currency_code text,
    days integer,
    loans bigint,
    portfolio numeric,
    loans_at_risk bigint,
    at_risk numeric,
    restructured_loans bigint,
    restructured numeric,
    restructured_at_risk numeric,
    written_off_loans bigint,
    written_off numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    WITH arrears AS MATERIALIZED (
        SELECT a.*
        FROM lending.arrears_as_of(p_tenant_id, p_business_ids, p_as_of) AS a
    ),

    -- A business without loans has a portfolio too: of nothing.
    portfolios AS (
        SELECT b.id AS business_id, b.currency_code::text AS currency_code
        FROM identity.businesses AS b
        WHERE b.tenant_id = p_tenant_id AND b.id = ANY (p_business_ids)
        UNION
        SELECT a.business_id, a.currency_code
        FROM arrears AS a
    )

    SELECT
        p.business_id,
        p.currency_code,
        d.days,
        count(a.loan_id) FILTER (WHERE a.principal > 0),
        coalesce(sum(a.principal), 0.0000),
        count(a.loan_id) FILTER (WHERE a.principal > 0 AND a.days_past_due > d.days),
        coalesce(sum(a.principal) FILTER (WHERE a.days_past_due > d.days), 0.0000),
        count(a.loan_id) FILTER (WHERE a.principal > 0 AND a.is_restructured),
        coalesce(sum(a.principal) FILTER (WHERE a.is_restructured), 0.0000),
        coalesce(
            sum(a.principal) FILTER (WHERE a.is_restructured AND a.days_past_due > d.days), 0.0000
        ),
        count(a.loan_id) FILTER (WHERE a.is_written_off),
        coalesce(sum(a.written_off), 0.0000)
    FROM portfolios AS p
    CROSS JOIN unnest(p_days) AS d (days)
    LEFT JOIN arrears AS a
        ON a.business_id = p.business_id AND a.currency_code = p.currency_code
    GROUP BY p.business_id, p.currency_code, d.days;
END;
$$;
COMMENT ON FUNCTION lending.par_by_days(integer, integer[], integer[], date) IS
'lending.calculate_par of each business and currency for each of p_days, without the ratio. Of the '
'tenant and businesses given, as far as the token covers them.';
