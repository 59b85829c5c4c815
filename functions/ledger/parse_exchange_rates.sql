-- Read rates from JSON and find the first problem of each.
CREATE OR REPLACE FUNCTION ledger.parse_exchange_rates(p_rates jsonb)
RETURNS TABLE (
    ordinal integer,
    currency_code text,
    to_currency_code text,
    rate_type text,
    valid_on date,
    rate numeric,
    source text,
    sqlstate text,
    problem text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_fields CONSTANT text[] := ARRAY[
        'currency', 'to_currency', 'valid_on', 'rate', 'source', 'rate_type'
    ];
BEGIN
    RETURN QUERY
    SELECT
        g.ordinal,
        g.currency_code,
        g.to_currency_code,
        g.rate_type,
        g.valid_on,
        g.rate,
        g.source,
        CASE
            WHEN g.shape_problem IS NOT NULL THEN 'ZL015'
            WHEN g.currency_problem IS NOT NULL THEN 'ZL014'
            WHEN g.rate_problem IS NOT NULL THEN 'ZL051'
        END,
        coalesce(g.shape_problem, g.currency_problem, g.rate_problem)
    FROM (
        SELECT
            s.*,
            CASE
                WHEN jsonb_typeof(s.item) IS DISTINCT FROM 'object' THEN 'is not an object'
                WHEN s.item - v_fields <> '{}' THEN format(
                    'has the unknown field %s',
                    (SELECT min(k.field) FROM jsonb_object_keys(s.item - v_fields) AS k (field))
                )
                WHEN NOT s.item ? 'rate' THEN 'has no rate'
            END AS shape_problem,
            CASE
                WHEN c.code IS NULL
                    THEN format('no such active currency: %s', coalesce(s.currency_code, 'none'))
                WHEN t.code IS NULL
                    THEN format('no such active currency: %s', coalesce(s.to_currency_code, 'none'))
            END AS currency_problem,
            CASE
                WHEN c.code = t.code THEN 'is from a currency to itself'
                WHEN s.valid_on IS NULL THEN format(
                    'has no date of the form 2026-11-30: %s',
                    coalesce(s.item ->> 'valid_on', 'none')
                )
                WHEN s.rate_text IS NOT NULL AND coalesce(s.rate, 0) = 0 THEN format(
                    'is not above zero with at most 10 digits before and 10 after the point: %s',
                    s.rate_text
                )
                WHEN core.is_blank(s.source) OR length(s.source) > 500
                    THEN 'has a source that is blank or longer than 500 characters'
                WHEN s.rate_type !~ '^[a-z][a-z0-9_]{0,62}$'
                    THEN 'has a type that is not a name in snake_case'
                WHEN count(*) OVER (
                    PARTITION BY s.currency_code, s.to_currency_code, s.rate_type, s.valid_on
                ) > 1
                    THEN 'is there more than once'
            END AS rate_problem
        FROM (
            SELECT
                i.ordinal::integer AS ordinal,
                i.item,
                i.item ->> 'currency' AS currency_code,
                i.item ->> 'to_currency' AS to_currency_code,
                coalesce(i.item ->> 'rate_type', 'spot') AS rate_type,
                core.iso_date(i.item ->> 'valid_on') AS valid_on,
                i.item ->> 'rate' AS rate_text,
                CASE
                    WHEN i.item ->> 'rate' ~ '^[0-9]{1,10}([.][0-9]{1,10}0*)?$'
                        THEN (i.item ->> 'rate')::numeric(20, 10)
                END AS rate,
                coalesce(i.item ->> 'source', 'manual') AS source
            FROM jsonb_array_elements(p_rates) WITH ORDINALITY AS i (item, ordinal)
            OFFSET 0
        ) AS s
        LEFT JOIN ledger.currencies AS c ON c.code = s.currency_code AND c.is_active
        LEFT JOIN ledger.currencies AS t ON t.code = s.to_currency_code AND t.is_active
    ) AS g
    ORDER BY g.ordinal;
END;
$$;
COMMENT ON FUNCTION ledger.parse_exchange_rates(jsonb) IS
'The rates of ledger.load_exchange_rates, read, in order, each with its first problem: ZL015 '
'(shape), ZL014 (currency), ZL051 (pair, date, rate, source, type, or given twice). Internal.';
