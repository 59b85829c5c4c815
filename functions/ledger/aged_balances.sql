-- Who owes how much, and since when it is due.
CREATE OR REPLACE FUNCTION ledger.aged_balances(
    p_business_code text,
    p_account_code text,
    p_as_of date DEFAULT current_date,
    p_buckets integer[] DEFAULT '{30,60,90}',
    p_apply_unmatched boolean DEFAULT false
)
RETURNS TABLE (
    counterparty text,
    currency_code text,
    total numeric,
    not_due numeric,
    overdue numeric[],
    unmatched numeric,
    value numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_account ledger.accounts := ledger.readable_account(p_account_code);
    v_side integer;
BEGIN
    IF p_as_of IS NULL OR array_position(p_buckets, NULL) IS NOT NULL
        OR p_buckets IS DISTINCT FROM ARRAY(
            SELECT DISTINCT b.days FROM unnest(p_buckets) AS b (days) WHERE b.days > 0 ORDER BY 1
        )
    THEN
        RAISE EXCEPTION 'aged balances need a date, and days above zero in rising order'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give buckets like {30,60,90}, or leave them out.';
    END IF;
    SELECT t.normal_side INTO v_side
    FROM ledger.account_types AS t
    WHERE t.code = v_account.type_code;
    RETURN QUERY
    WITH items AS (
        SELECT
            i.counterparty,
            i.currency_code,
            p_as_of - i.due_date AS days,
            i.open_amount * v_side AS open,
            -- What lies on the other side pays the oldest first, if asked to.
            greatest(sum(greatest(i.open_amount * v_side, 0)) OVER (
                PARTITION BY i.counterparty, i.currency_code
                ORDER BY i.due_date, i.entry_date, i.entry_id, i.line_no
            ) + CASE WHEN p_apply_unmatched THEN 1 ELSE 0 END * sum(
                least(i.open_amount * v_side, 0)
            ) OVER (PARTITION BY i.counterparty, i.currency_code), 0) AS unpaid_so_far
        FROM ledger.account_items(v_tenant_id, v_business_id, v_account.id, p_as_of) AS i
    ),

    aged AS (
        SELECT
            i.counterparty,
            i.currency_code,
            i.open,
            i.days,
            least(greatest(i.open, 0), i.unpaid_so_far) AS unpaid
        FROM items AS i
    ),

    carried AS (
        SELECT
            l.counterparty::text AS counterparty,
            coalesce(l.currency_code, u.currency_code)::text AS currency_code,
            sum(l.amount) * v_side AS value
        FROM ledger.all_journal_lines AS l
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        INNER JOIN identity.businesses AS u ON u.tenant_id = l.tenant_id AND u.id = l.business_id
        WHERE l.tenant_id = v_tenant_id
            AND l.account_id = v_account.id
            AND (v_business_id IS NULL OR l.business_id = v_business_id)
            AND l.entry_date <= p_as_of
            AND e.posted_at IS NOT NULL
        GROUP BY 1, 2
    ),

    summed AS (
        SELECT
            a.counterparty,
            a.currency_code,
            sum(a.open) AS total,
            coalesce(sum(a.unpaid) FILTER (WHERE a.days <= 0), 0) AS not_due,
            array_agg(a.unpaid) AS unpaid,
            array_agg(a.days) AS days,
            sum(a.open) - sum(a.unpaid) AS unmatched
        FROM aged AS a
        GROUP BY a.counterparty, a.currency_code
    )

    SELECT
        c.counterparty,
        c.currency_code,
        coalesce(s.total, 0)::numeric(20, 4),
        coalesce(s.not_due, 0)::numeric(20, 4),
        ARRAY(
            SELECT coalesce(sum(i.unpaid), 0)::numeric(20, 4)
            FROM generate_series(1, cardinality(p_buckets) + 1) AS b (number)
            LEFT JOIN unnest(s.unpaid, s.days) AS i (unpaid, days)
                ON i.days > coalesce(p_buckets[b.number - 1], 0)
                AND (i.days <= p_buckets[b.number] OR b.number > cardinality(p_buckets))
            GROUP BY b.number
            ORDER BY b.number
        ),
        coalesce(s.unmatched, 0)::numeric(20, 4),
        c.value
    FROM carried AS c
    LEFT JOIN summed AS s
        ON s.counterparty IS NOT DISTINCT FROM c.counterparty AND s.currency_code = c.currency_code
    WHERE s.total IS NOT NULL OR c.value <> 0
    ORDER BY c.counterparty COLLATE "C" NULLS LAST, c.currency_code;
END;
$$;
COMMENT ON FUNCTION ledger.aged_balances(text, text, date, integer[], boolean) IS
'One row per counterparty (NULL: lines without one) and currency of an account with open items, '
'as of a date: total open, in the transaction currency and positive on the account''s normal side '
'(what customers owe; what is owed to vendors); not_due: due on the date or later; overdue: one '
'amount per bucket, 1 to 30 days late, 31 to 60, 61 to 90, and more, for {30,60,90}; unmatched: '
'payments and credit notes not matched yet, negative, or, with p_apply_unmatched, what is left of '
'them after paying the oldest items; total = not_due + overdue + unmatched. value: what the books '
'carry for it in the functional currency, revaluations included; the sum of value is the balance '
'of the account. Business NULL: all. Raises 22023 (buckets, no date), ZI002, ZI003 (token), ZI005 '
'(no such business), ZL007 (no such account), ZL020 (several functional currencies).';
