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
AS $$
DECLARE
    v_from date := coalesce(p_from, '-infinity');
    v_to date := coalesce(p_to, 'infinity');
    v_businesses integer[];
    v_added uuid[];
    v_deducted uuid[];
    v_spans ledger.day_span[];
BEGIN
    -- A period that is cut is counted by the shorter side of the cut: its wanted days, or all of
    -- it less the others. What is dated after today is next to nothing. Days of lines hold
    -- adjusting and closing entries too, which have balances of their own: so these go off again.
    WITH periods AS (
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
            AND p.ends_on >= v_from
            AND p.starts_on <= v_to
            AND v_from <= v_to
    ),

    choices AS (
        SELECT
            p.*,
            p.first_day > p.starts_on OR p.last_day < p.ends_on AS is_cut,
            2 * (p.last_day - p.first_day + 1) > p.ends_on - p.starts_on + 1
            OR (p.first_day = p.starts_on AND p.last_day >= current_date) AS is_mostly_wanted
        FROM periods AS p
    ),

    spans AS (
        SELECT
            c.business_id,
            c.id,
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

    summed AS (
        SELECT
            c.business_id,
            c.id,
            1 AS factor
        FROM choices AS c
        WHERE (NOT c.is_cut OR c.is_mostly_wanted) AND (p_with_closing OR c.kind <> 'closing')
        UNION ALL
        SELECT
            p.business_id,
            p.id,
            -s.factor
        FROM spans AS s
        INNER JOIN ledger.fiscal_periods AS p
            ON p.tenant_id = p_tenant_id
            AND p.business_id = s.business_id
            AND p.kind <> 'regular'
            AND p.starts_on BETWEEN s.first_day AND s.last_day
    ),

    factors AS (
        SELECT
            m.business_id,
            m.id,
            sum(m.factor) AS factor
        FROM summed AS m
        GROUP BY m.business_id, m.id
    )

    SELECT
        array_agg(DISTINCT f.business_id),
        array_agg(f.id) FILTER (WHERE f.factor > 0),
        array_agg(f.id) FILTER (WHERE f.factor < 0),
        (
            SELECT array_agg(
                ROW(s.business_id, s.first_day, s.last_day, s.factor)::ledger.day_span
            )
            FROM spans AS s
        )
    INTO v_businesses, v_added, v_deducted, v_spans
    FROM factors AS f;

    RETURN QUERY
    SELECT
        m.account_id,
        m.business_id,
        sum(m.debit),
        sum(m.credit)
    FROM (
        SELECT
            b.account_id,
            b.business_id,
            b.debit::numeric AS debit,
            b.credit::numeric AS credit
        FROM ledger.account_balances AS b
        WHERE b.tenant_id = p_tenant_id
            AND b.business_id = ANY (v_businesses)
            AND b.period_id = ANY (v_added)
            AND (p_account_id IS NULL OR b.account_id = p_account_id)
        UNION ALL
        SELECT
            b.account_id,
            b.business_id,
            -b.debit,
            -b.credit
        FROM ledger.account_balances AS b
        WHERE b.tenant_id = p_tenant_id
            AND b.business_id = ANY (v_businesses)
            AND b.period_id = ANY (v_deducted)
            AND (p_account_id IS NULL OR b.account_id = p_account_id)
        UNION ALL
        SELECT
            d.account_id,
            d.business_id,
            d.debit,
            d.credit
        FROM ledger.movements_of_days(p_tenant_id, v_spans, p_account_id) AS d
    ) AS m
    GROUP BY m.account_id, m.business_id
    HAVING sum(m.debit) <> 0 OR sum(m.credit) <> 0;
END;
$$;
COMMENT ON FUNCTION ledger.account_movements(integer, integer, date, date, uuid, boolean) IS
'Debits and credits (both positive, functional currency) of every account, or of the given one, '
'that moved from p_from to p_to, both included and by effective date; NULL: without bound; '
'business NULL: all; p_with_closing false: without the entries of closing periods. Whole periods '
'come from ledger.account_balances, the cut ones from their lines. All statements and balances '
'rest on it, so they cannot disagree.';
