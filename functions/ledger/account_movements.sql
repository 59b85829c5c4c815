-- What moved each account between two dates: THE balance function; every statement comes from it.
CREATE OR REPLACE FUNCTION ledger.account_movements(
    p_tenant_id integer,
    p_business_id integer,
    p_from date,
    p_to date,
    p_account_id uuid DEFAULT NULL,
    p_with_closing boolean DEFAULT true
)
RETURNS TABLE (account_id uuid, business_id integer, debit numeric, credit numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- To plan for the journal's partitions takes longer than to read them.
SET plan_cache_mode = 'force_generic_plan'
-- A plan that knows no numbers would sort all balances to sum up a few hundred accounts.
SET enable_sort = off
AS $$
DECLARE
    v_from date := coalesce(p_from, '-infinity');
    v_to date := coalesce(p_to, 'infinity');
    v_businesses integer[];
    v_periods uuid[];
    v_factors integer[];
    v_spans ledger.day_span[];
BEGIN
    -- A period that is cut is counted by the shorter side of the cut: its wanted days, or all of
    -- it less the others. What is dated after today is next to nothing. Days of lines hold
    -- adjusting and closing entries too, which have balances of their own: so these go off again.
    WITH calendar AS MATERIALIZED (
        SELECT
            p.business_id,
            p.id,
            p.kind,
            p.starts_on,
            p.ends_on,
            greatest(p.starts_on, v_from) AS first_day,
            least(p.ends_on, v_to) AS last_day
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND (p_business_id IS NULL OR p.business_id = p_business_id)
            AND v_from <= v_to
    ),

    choices AS MATERIALIZED (
        SELECT
            c.*,
            c.first_day > c.starts_on OR c.last_day < c.ends_on AS is_cut,
            2 * (c.last_day - c.first_day + 1) > c.ends_on - c.starts_on + 1
            OR (c.first_day = c.starts_on AND c.last_day >= current_date) AS is_mostly_wanted
        FROM calendar AS c
        WHERE c.first_day <= c.last_day
    ),

    spans AS MATERIALIZED (
        SELECT
            c.business_id,
            s.first_day,
            s.last_day,
            s.factor
        FROM choices AS c
        CROSS JOIN LATERAL (
            VALUES
            (NOT c.is_mostly_wanted, c.first_day, c.last_day, 1),
            (c.is_mostly_wanted, c.starts_on, c.first_day - 1, -1),
            (c.is_mostly_wanted, c.last_day + 1, c.ends_on, -1)
        ) AS s (is_chosen, first_day, last_day, factor)
        WHERE c.is_cut AND s.is_chosen AND s.first_day <= s.last_day
    ),

    factors AS (
        SELECT
            m.business_id,
            m.id,
            sum(m.factor) AS factor
        FROM (
            SELECT
                c.business_id,
                c.id,
                1 AS factor
            FROM choices AS c
            WHERE (NOT c.is_cut OR c.is_mostly_wanted) AND (p_with_closing OR c.kind <> 'closing')
            UNION ALL
            SELECT
                c.business_id,
                c.id,
                -s.factor
            FROM spans AS s
            INNER JOIN calendar AS c
                ON c.business_id = s.business_id
                AND c.kind <> 'regular'
                AND c.starts_on BETWEEN s.first_day AND s.last_day
        ) AS m
        GROUP BY m.business_id, m.id
        HAVING sum(m.factor) <> 0
    )

    SELECT
        array_agg(f.business_id),
        array_agg(f.id),
        array_agg(f.factor),
        (
            SELECT array_agg(
                ROW(s.business_id, s.first_day, s.last_day, s.factor)::ledger.day_span
            )
            FROM spans AS s
        )
    INTO v_businesses, v_periods, v_factors, v_spans
    FROM factors AS f;

    RETURN QUERY
    SELECT
        m.account_id,
        m.business_id,
        sum(m.factor * m.debit),
        sum(m.factor * m.credit)
    FROM (
        -- By the key where one account is asked for, else by the index of the periods.
        SELECT
            b.account_id,
            b.business_id,
            f.factor,
            sum(b.debit::numeric) AS debit,
            sum(b.credit::numeric) AS credit
        FROM unnest(v_businesses, v_periods, v_factors) AS f (business_id, period_id, factor)
        INNER JOIN ledger.account_balances AS b
            ON b.tenant_id = p_tenant_id
            AND b.account_id = p_account_id
            AND b.business_id = f.business_id
            AND b.period_id = f.period_id
        WHERE p_account_id IS NOT NULL
        GROUP BY b.account_id, b.business_id, f.factor
        UNION ALL
        SELECT
            b.account_id,
            b.business_id,
            f.factor,
            sum(b.debit::numeric),
            sum(b.credit::numeric)
        FROM unnest(v_businesses, v_periods, v_factors) AS f (business_id, period_id, factor)
        INNER JOIN ledger.account_balances AS b
            ON b.tenant_id = p_tenant_id
            AND b.business_id = f.business_id
            AND b.period_id = f.period_id
        WHERE p_account_id IS NULL
        GROUP BY b.account_id, b.business_id, f.factor
        UNION ALL
        SELECT
            d.account_id,
            d.business_id,
            1,
            d.debit,
            d.credit
        FROM ledger.movements_of_days(p_tenant_id, v_spans, p_account_id) AS d
    ) AS m
    GROUP BY m.account_id, m.business_id
    HAVING sum(m.factor * m.debit) <> 0 OR sum(m.factor * m.credit) <> 0;
END;
$$;
COMMENT ON FUNCTION ledger.account_movements(integer, integer, date, date, uuid, boolean) IS
'Debits and credits (both positive, functional currency) of every account, or of the given one, '
'that moved from p_from to p_to, both included and by effective date; NULL: without bound; '
'business NULL: all; p_with_closing false: without the entries of closing periods. Whole periods '
'come from ledger.account_balances, the cut ones from their lines. All statements and balances '
'rest on it, so they cannot disagree.';
