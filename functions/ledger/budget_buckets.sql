-- The parts of a fiscal year that a budget plans for.
CREATE OR REPLACE FUNCTION ledger.budget_buckets(
    p_tenant_id integer,
    p_business_id integer,
    p_fiscal_year_id uuid,
    p_interval ledger.budget_interval
)
RETURNS TABLE (bucket_no integer, starts_on date, ends_on date)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        n.bucket_no,
        min(n.starts_on),
        max(n.ends_on)
    FROM (
        SELECT
            CASE p_interval
                WHEN 'month' THEN row_number() OVER (ORDER BY p.starts_on)
                WHEN 'quarter' THEN (row_number() OVER (ORDER BY p.starts_on) + 2) / 3
                ELSE 1
            END::integer AS bucket_no,
            p.starts_on,
            p.ends_on
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.business_id = p_business_id
            AND p.fiscal_year_id = p_fiscal_year_id
            AND p.kind = 'regular'
    ) AS n
    GROUP BY n.bucket_no
    ORDER BY n.bucket_no;
$$;
COMMENT ON FUNCTION ledger.budget_buckets(integer, integer, uuid, ledger.budget_interval) IS
'The parts of a fiscal year, numbered from 1: its regular periods one by one (month), three by '
'three (quarter), or all together (year). Parts are made of whole periods, so that balances '
'answer for them.';
