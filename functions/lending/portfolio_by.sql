-- The loans of businesses by what they have in common: how much is owed and late, what a month did.
CREATE OR REPLACE FUNCTION lending.portfolio_by(
    p_tenant_id integer,
    p_business_ids integer[],
    p_by text,
    p_as_of date
)
RETURNS TABLE (
    business_id integer,
    code text,
    name text,
    currency_code text,
    loans bigint,
    borrowers bigint,
    portfolio numeric,
    loans_in_arrears bigint,
    arrears numeric,
    loans_at_risk bigint,
    at_risk numeric,
    ratio numeric,
    restructured numeric,
    written_off numeric,
    month_loans bigint,
    month_disbursed numeric,
    month_collected numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    WITH of_month AS (
        SELECT
            m.loan_id,
            sum(m.principal::numeric) FILTER (WHERE m.kind = 'disbursement') AS disbursed,
            sum(m.cash::numeric) FILTER (WHERE m.kind IN ('payment', 'recovery')) AS collected
        FROM lending.movements AS m
        WHERE m.tenant_id = p_tenant_id
            AND m.business_id = ANY (p_business_ids)
            AND m.effective_on >= date_trunc('month', p_as_of::timestamp)::date
            AND m.effective_on <= p_as_of
            AND m.kind NOT IN ('charge', 'allowance')
        GROUP BY m.loan_id
    ),

    grouped AS (
        SELECT
            l.id,
            l.business_id,
            l.customer_id,
            l.currency_code::text AS currency_code,
            CASE p_by
                WHEN 'officer' THEN l.officer::text
                WHEN 'branch' THEN b.code::text
                WHEN 'group' THEN g.code::text
                WHEN 'product' THEN p.code::text
            END AS code,
            CASE p_by
                WHEN 'officer' THEN u.name::text
                WHEN 'branch' THEN b.name::text
                WHEN 'group' THEN g.name::text
                WHEN 'product' THEN p.name::text
            END AS name,
            l.disbursed_on >= date_trunc('month', p_as_of::timestamp)::date AS is_new
        FROM lending.loans AS l
        LEFT JOIN identity.users AS u
            ON p_by = 'officer' AND u.tenant_id = l.tenant_id AND u.subject = l.officer
        LEFT JOIN lending.branches AS b
            ON p_by = 'branch' AND b.tenant_id = l.tenant_id AND b.id = l.branch_id
        LEFT JOIN lending.groups AS g
            ON p_by = 'group' AND g.tenant_id = l.tenant_id AND g.id = l.group_id
        LEFT JOIN lending.products AS p
            ON p_by = 'product' AND p.tenant_id = l.tenant_id AND p.id = l.product_id
        WHERE l.tenant_id = p_tenant_id
            AND l.business_id = ANY (p_business_ids)
            AND l.disbursed_on <= p_as_of
    )

    SELECT
        g.business_id,
        g.code,
        g.name,
        g.currency_code,
        count(*) FILTER (WHERE a.principal > 0),
        count(DISTINCT g.customer_id) FILTER (WHERE a.principal > 0),
        coalesce(sum(a.principal), 0.0000),
        count(*) FILTER (WHERE a.days_past_due > 0),
        coalesce(sum(a.arrears), 0.0000),
        count(*) FILTER (WHERE a.principal > 0 AND a.days_past_due > 30),
        coalesce(sum(a.principal) FILTER (WHERE a.days_past_due > 30), 0.0000),
        coalesce(
            round(
                sum(a.principal) FILTER (WHERE a.days_past_due > 30)
                / nullif(sum(a.principal), 0),
                6
            ),
            0
        ),
        coalesce(sum(a.principal) FILTER (WHERE a.is_restructured), 0.0000),
        coalesce(sum(a.written_off), 0.0000),
        count(*) FILTER (WHERE g.is_new),
        coalesce(sum(m.disbursed), 0.0000),
        coalesce(sum(m.collected), 0.0000)
    FROM grouped AS g
    LEFT JOIN lending.arrears_as_of(p_tenant_id, p_business_ids, p_as_of) AS a ON a.loan_id = g.id
    LEFT JOIN of_month AS m ON m.loan_id = g.id
    GROUP BY g.business_id, g.code, g.name, g.currency_code
    HAVING count(*) FILTER (WHERE a.principal > 0 OR a.written_off > 0) > 0
        OR count(m.loan_id) > 0;
END;
$$;
COMMENT ON FUNCTION lending.portfolio_by(integer, integer[], text, date) IS
'The rows of lending.portfolio, for p_by product, branch, officer or group. Of the tenant and '
'businesses given, as far as the token covers them.';
