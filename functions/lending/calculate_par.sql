-- Portfolio at risk: what is owed of loans that are late, of all that is owed.
CREATE OR REPLACE FUNCTION lending.calculate_par(
    p_days integer DEFAULT 30,
    p_as_of date DEFAULT NULL,
    p_business_code text DEFAULT NULL
)
RETURNS TABLE (
    as_of date,
    days integer,
    currency_code text,
    loans bigint,
    portfolio numeric,
    loans_at_risk bigint,
    at_risk numeric,
    ratio numeric,
    restructured_loans bigint,
    restructured numeric,
    restructured_at_risk numeric,
    written_off_loans bigint,
    written_off numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business_ids integer[] := lending.readable_businesses(p_business_code);
    v_as_of date := lending.report_day(p_as_of);
BEGIN
    IF (p_days >= 0) IS NOT true THEN
        RAISE EXCEPTION 'not a number of days: %', coalesce(p_days::text, 'NULL')
        USING ERRCODE = '22023',
            HINT = 'Give the days beyond which a loan is at risk, from 0.';
    END IF;
    RETURN QUERY
    SELECT
        v_as_of,
        p_days,
        p.currency_code,
        sum(p.loans)::bigint,
        sum(p.portfolio),
        sum(p.loans_at_risk)::bigint,
        sum(p.at_risk),
        coalesce(round(sum(p.at_risk) / nullif(sum(p.portfolio), 0), 6), 0),
        sum(p.restructured_loans)::bigint,
        sum(p.restructured),
        sum(p.restructured_at_risk),
        sum(p.written_off_loans)::bigint,
        sum(p.written_off)
    FROM lending.par_by_days(
        identity.current_tenant(), v_business_ids, ARRAY[p_days], v_as_of
    ) AS p
    GROUP BY p.currency_code
    ORDER BY p.currency_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION lending.calculate_par(integer, date, text) IS
'Portfolio at risk at the end of p_as_of (NULL: today) of one business, or of all that the token '
'covers (NULL), one row per currency: at_risk is the principal owed of loans with an instalment '
'that is more than p_days late, in part or in whole; portfolio the principal owed of all loans, '
'without those written off; ratio the one by the other, from 0 to 1 with 6 decimals, 0 where '
'nothing is owed. restructured is what of the portfolio was rescheduled, restructured_at_risk what '
'of that is in at_risk too; written_off the principal given up by then, which is in neither. '
'Raises ZI001 to ZI003 (token), ZI005 (no such business), 22023 (p_days below 0 or NULL; no such '
'day).';
