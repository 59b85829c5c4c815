-- A run without rates would withhold nothing, silently.
CREATE OR REPLACE FUNCTION payroll.require_rates(p_jurisdiction text, p_pay_date date)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_missing text;
BEGIN
    SELECT j.name INTO v_missing
    FROM (VALUES (split_part(p_jurisdiction, '-', 1)), (p_jurisdiction)) AS j (name)
    WHERE NOT EXISTS (
        SELECT FROM payroll.tax_rates AS t
        WHERE t.jurisdiction = j.name
            AND t.effective_from <= p_pay_date
            AND coalesce(t.effective_to, 'infinity') >= p_pay_date
    )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no rates of % are known for %', v_missing, p_pay_date
        USING ERRCODE = 'ZY009',
            HINT = 'See payroll.tax_rates; pgerp seed reference loads those that pgerp ships.';
    END IF;
    -- What ran out, one component among others, would be withheld no more.
    SELECT t.jurisdiction || ' ' || t.component INTO v_missing
    FROM payroll.tax_rates AS t
    WHERE t.jurisdiction IN (split_part(p_jurisdiction, '-', 1), p_jurisdiction)
        AND t.effective_from <= p_pay_date
    GROUP BY t.jurisdiction, t.component
    HAVING max(coalesce(t.effective_to, 'infinity')) < p_pay_date
    ORDER BY t.jurisdiction, t.component
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the rates of % have run out by %', v_missing, p_pay_date
        USING ERRCODE = 'ZY009',
            HINT = 'Add the rates that hold now; rates of zero where it is not owed any more.';
    END IF;
END;
$$;
COMMENT ON FUNCTION payroll.require_rates(text, date) IS
'Internal. Raises ZY009 unless rates of the jurisdiction, and of its country, hold on the day, of '
'each component that had any before.';
