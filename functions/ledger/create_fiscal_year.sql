-- requires: identity.current_tenant
-- A fiscal year with its monthly periods, its adjusting and its closing period, all open.
CREATE OR REPLACE FUNCTION ledger.create_fiscal_year(
    p_business_code text,
    p_starts_on date,
    p_months integer DEFAULT 12,
    p_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_ends_on date;
    v_year ledger.fiscal_years;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.open_years');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    IF p_starts_on IS NULL OR NOT isfinite(p_starts_on) OR extract(DAY FROM p_starts_on) <> 1
        OR p_months IS NULL OR p_months NOT BETWEEN 1 AND 24
    THEN
        RAISE EXCEPTION 'a fiscal year starts on the first of a month and has 1 to 24 months'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format(
                'Given: %s, %s months.',
                coalesce(p_starts_on::text, 'NULL'), coalesce(p_months::text, 'NULL')
            ),
            HINT = 'Insert other years into ledger.fiscal_years and ledger.fiscal_periods.';
    END IF;
    v_ends_on := (p_starts_on + make_interval(months => p_months))::date - 1;
    INSERT INTO ledger.fiscal_years (tenant_id, business_id, code, starts_on, ends_on)
    VALUES (
        p_tenant_id,
        v_business.id,
        coalesce(p_code, CASE
            WHEN extract(YEAR FROM p_starts_on) = extract(YEAR FROM v_ends_on)
                THEN to_char(p_starts_on, 'YYYY')
            ELSE to_char(p_starts_on, 'YYYY') || '/' || to_char(v_ends_on, 'YY')
        END),
        p_starts_on,
        v_ends_on
    )
    RETURNING * INTO v_year;
    INSERT INTO ledger.fiscal_periods (
        tenant_id, business_id, fiscal_year_id, code, kind, starts_on, ends_on
    )
    SELECT
        p_tenant_id,
        v_business.id,
        v_year.id,
        to_char(m.first_day, 'YYYY-MM'),
        'regular'::ledger.period_kind,
        m.first_day::date,
        (m.first_day + interval '1 month')::date - 1
    FROM generate_series(
        p_starts_on::timestamp, v_ends_on::timestamp, interval '1 month'
    ) AS m (first_day)
    UNION ALL
    SELECT
        p_tenant_id,
        v_business.id,
        v_year.id,
        v_year.code || k.suffix,
        k.kind::ledger.period_kind,
        v_ends_on,
        v_ends_on
    FROM (VALUES ('adjusting', '-13'), ('closing', '-CL')) AS k (kind, suffix);
    RETURN v_year.id;
END;
$$;
COMMENT ON FUNCTION ledger.create_fiscal_year(text, date, integer, text, integer) IS
'Makes a fiscal year of p_months months from the first of a month and returns its id: one open '
'period a month (code 2026-11), and, both the last day of the year, an adjusting period (2026-13) '
'and a closing one (2026-CL). The code of the year is 2026, or 2026/27, unless given. Raises ZI001 '
'to ZI007 (token, business), 22023 (not the first of a month, or not 1 to 24 months), 23505 (code '
'taken), ZL013 (overlaps another year).';
