-- What is open on an account as of a date: THE function behind open items and aged balances.
CREATE OR REPLACE FUNCTION ledger.account_items(
    p_tenant_id integer,
    p_business_id integer,
    p_account_id uuid,
    p_as_of date,
    p_counterparty text DEFAULT NULL,
    p_is_all boolean DEFAULT true
)
RETURNS TABLE (
    entry_id uuid,
    line_no integer,
    business_id integer,
    entry_date date,
    due_date date,
    counterparty text,
    currency_code text,
    amount numeric,
    value numeric,
    open_amount numeric,
    open_value numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH settled AS (
        SELECT
            s.entry_id,
            s.line_no,
            sum(s.amount) AS amount,
            sum(s.value) AS value
        FROM (
            SELECT
                v.entry_id,
                v.line_no,
                v.amount,
                v.value
            FROM ledger.matches AS m
            CROSS JOIN LATERAL (
                VALUES
                (m.debit_entry_id, m.debit_line_no, m.amount::numeric, m.debit_value::numeric),
                (m.credit_entry_id, m.credit_line_no, -m.amount, -m.credit_value)
            ) AS v (entry_id, line_no, amount, value)
            WHERE m.tenant_id = p_tenant_id
                AND m.account_id = p_account_id
                AND (p_business_id IS NULL OR m.business_id = p_business_id)
                AND (
                    p_is_all
                    OR m.counterparty = p_counterparty
                    OR (m.counterparty IS NULL AND p_counterparty IS NULL)
                )
                AND m.matched_on <= p_as_of
                AND (m.unmatched_on IS NULL OR m.unmatched_on > p_as_of)
        ) AS s
        GROUP BY s.entry_id, s.line_no
    )

    SELECT
        l.entry_id,
        l.line_no::integer,
        l.business_id,
        l.entry_date,
        coalesce(l.due_date, l.entry_date),
        l.counterparty::text,
        coalesce(l.currency_code, u.currency_code)::text,
        coalesce(l.currency_amount, l.amount)::numeric,
        l.amount::numeric,
        coalesce(l.currency_amount, l.amount) - coalesce(s.amount, 0),
        l.amount - coalesce(s.value, 0)
    FROM ledger.all_journal_lines AS l
    INNER JOIN ledger.all_journal_entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    INNER JOIN identity.businesses AS u ON u.tenant_id = l.tenant_id AND u.id = l.business_id
    LEFT JOIN settled AS s ON s.entry_id = l.entry_id AND s.line_no = l.line_no
    WHERE l.tenant_id = p_tenant_id
        AND l.account_id = p_account_id
        AND (p_business_id IS NULL OR l.business_id = p_business_id)
        AND (
            p_is_all
            OR l.counterparty = p_counterparty
            OR (l.counterparty IS NULL AND p_counterparty IS NULL)
        )
        AND l.entry_date <= p_as_of
        AND e.posted_at IS NOT NULL
        AND coalesce(l.currency_amount, l.amount) <> coalesce(s.amount, 0);
END;
$$;
COMMENT ON FUNCTION ledger.account_items(integer, integer, uuid, date, text, boolean) IS
'The lines of an account that are open as of a date, of one counterparty (p_is_all false; NULL: '
'lines without one) or all, business NULL: all: signed, debit positive, amount in the transaction '
'currency and value in the functional one, as posted and what is open of both. Due on the '
'entry''s date where the line has no due date. Open items and aged balances rest on it.';
