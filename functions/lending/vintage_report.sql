-- How the loans of each month turned out after so many months.
CREATE OR REPLACE FUNCTION lending.vintage_report(
    p_business_code text DEFAULT NULL,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_months integer[] DEFAULT '{0, 3, 6, 12, 24}',
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    vintage date,
    months integer,
    as_of date,
    currency_code text,
    loans bigint,
    disbursed numeric,
    outstanding numeric,
    at_risk numeric,
    at_risk_ratio numeric,
    written_off numeric,
    written_off_ratio numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_ids integer[] := lending.readable_businesses(p_business_code);
    v_as_of date := lending.report_day(p_as_of);
BEGIN
    IF (cardinality(p_months) BETWEEN 1 AND 120 AND 0 <= ALL (p_months) AND 1200 >= ALL (p_months))
        IS NOT true
    THEN
        RAISE EXCEPTION 'not numbers of months: %', coalesce(p_months::text, 'NULL')
        USING ERRCODE = '22023',
            HINT = 'Give up to 120 of them, each from 0 to 1200, such as {0, 3, 6, 12}.';
    END IF;
    RETURN QUERY
    WITH loans AS MATERIALIZED (
        SELECT
            l.id,
            l.currency_code::text AS currency_code,
            date_trunc('month', l.disbursed_on::timestamp)::date AS vintage
        FROM lending.loans AS l
        WHERE l.tenant_id = v_tenant_id
            AND l.business_id = ANY (v_business_ids)
            AND l.disbursed_on >= coalesce(p_from, '-infinity')
            AND l.disbursed_on <= coalesce(p_to, 'infinity')
    ),

    -- The end of so many months after that of the vintage, if it has come.
    stages AS MATERIALIZED (
        SELECT v.vintage, n.months, d.as_of
        FROM (SELECT DISTINCT l.vintage FROM loans AS l) AS v
        CROSS JOIN (SELECT DISTINCT m.months FROM unnest(p_months) AS m (months)) AS n
        CROSS JOIN LATERAL (
            SELECT (v.vintage + make_interval(months => n.months + 1))::date - 1 AS as_of
        ) AS d
        WHERE d.as_of <= v_as_of
    ),

    standing AS (
        SELECT d.as_of, a.loan_id, a.principal, a.days_past_due, a.written_off
        FROM (SELECT DISTINCT s.as_of FROM stages AS s) AS d
        CROSS JOIN LATERAL lending.arrears_as_of(v_tenant_id, v_business_ids, d.as_of) AS a
    ),

    paid_out AS (
        SELECT t.loan_id, t.effective_on, t.amount
        FROM lending.transactions AS t
        WHERE t.tenant_id = v_tenant_id
            AND t.business_id = ANY (v_business_ids)
            AND t.kind = 'disbursement'
            AND NOT EXISTS (
                SELECT FROM lending.reversals AS r
                WHERE r.tenant_id = t.tenant_id AND r.transaction_id = t.id
            )
    ),

    -- Loan by loan, since one may be paid out in parts.
    counted AS (
        SELECT
            s.vintage,
            s.months,
            s.as_of,
            l.currency_code,
            l.id,
            sum(p.amount) AS disbursed
        FROM stages AS s
        INNER JOIN loans AS l ON l.vintage = s.vintage
        INNER JOIN paid_out AS p ON p.loan_id = l.id AND p.effective_on <= s.as_of
        GROUP BY s.vintage, s.months, s.as_of, l.currency_code, l.id
    )

    SELECT
        c.vintage,
        c.months,
        c.as_of,
        c.currency_code,
        count(*),
        sum(c.disbursed),
        coalesce(sum(s.principal), 0.0000),
        coalesce(sum(s.principal) FILTER (WHERE s.days_past_due > 30), 0.0000),
        round(
            coalesce(sum(s.principal) FILTER (WHERE s.days_past_due > 30), 0) / sum(c.disbursed), 6
        ),
        coalesce(sum(s.written_off), 0.0000),
        round(coalesce(sum(s.written_off), 0) / sum(c.disbursed), 6)
    FROM counted AS c
    LEFT JOIN standing AS s ON s.as_of = c.as_of AND s.loan_id = c.id
    GROUP BY c.vintage, c.months, c.as_of, c.currency_code
    ORDER BY c.vintage, c.months, c.currency_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION lending.vintage_report(text, date, date, integer[], date) IS
'The loans of one business, or of all that the token covers (NULL), by the month (its first day) '
'in which they were first paid out, from p_from to p_to (NULL: without bound), at the end of the '
'month that many months later, as far as that is over by p_as_of (NULL: today): how many, what had '
'been paid out, the principal owed, that of loans more than 30 days late, the principal written '
'off by then, and both as parts of what was paid out (0 to 1). Raises ZI001 to ZI003 (token), '
'ZI005 (no such business), 22023 (p_months, or no such day).';
