-- What is lent, by product, branch, officer or group.
CREATE OR REPLACE FUNCTION lending.portfolio(
    p_by text DEFAULT 'product',
    p_as_of date DEFAULT NULL,
    p_business_code text DEFAULT NULL
)
RETURNS TABLE (
    business_code text,
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
DECLARE
    v_business_ids integer[] := lending.readable_businesses(p_business_code);
    v_as_of date := lending.report_day(p_as_of);
BEGIN
    IF (p_by IN ('product', 'branch', 'officer', 'group')) IS NOT true THEN
        RAISE EXCEPTION 'a portfolio is not shown by %', coalesce(p_by, 'NULL')
        USING ERRCODE = '22023',
            HINT = 'By product, branch, officer or group.';
    END IF;
    RETURN QUERY
    SELECT
        b.code::text,
        p.code,
        p.name,
        p.currency_code,
        p.loans,
        p.borrowers,
        p.portfolio,
        p.loans_in_arrears,
        p.arrears,
        p.loans_at_risk,
        p.at_risk,
        p.ratio,
        p.restructured,
        p.written_off,
        p.month_loans,
        p.month_disbursed,
        p.month_collected
    FROM lending.portfolio_by(identity.current_tenant(), v_business_ids, p_by, v_as_of) AS p
    INNER JOIN identity.businesses AS b
        ON b.tenant_id = identity.current_tenant() AND b.id = p.business_id
    ORDER BY b.code COLLATE "C", p.code COLLATE "C" NULLS LAST, p.currency_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION lending.portfolio(text, date, text) IS
'The loans of one business, or of each that the token covers (NULL), at the end of p_as_of (NULL: '
'today), by product, branch, officer or group (code NULL: of none): loans with principal owed, '
'their borrowers, that principal; loans with something late, and how much; loans more than 30 days '
'late, their principal, and its part of the portfolio (0 to 1); principal of rescheduled loans, '
'and principal written off by then; and in the calendar month of p_as_of until then, the loans '
'first paid out, what was paid out, and what came in, recoveries too. Raises ZI001 to ZI003 '
'(token), ZI005 (no such business), 22023 (p_by, or no such day).';
