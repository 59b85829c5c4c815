-- A line with what has been settled of it so far.
CREATE OR REPLACE FUNCTION ledger.open_line(
    p_tenant_id integer,
    p_entry_id uuid,
    p_line_no integer
)
RETURNS TABLE (
    status text,
    business_id integer,
    account_id uuid,
    type_code text,
    counterparty text,
    currency_code text,
    is_foreign boolean,
    exchange_rate numeric,
    entry_date date,
    total numeric,
    value numeric,
    settled numeric,
    settled_value numeric,
    matches integer,
    matched_on date,
    reopened_on date,
    currency_decimals integer,
    value_decimals integer
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        e.status::text,
        l.business_id,
        l.account_id,
        a.type_code,
        l.counterparty::text,
        c.code::text,
        l.currency_code IS NOT NULL,
        l.exchange_rate::numeric,
        e.entry_date,
        coalesce(l.currency_amount, l.amount)::numeric,
        l.amount::numeric,
        coalesce(s.settled, 0),
        coalesce(s.settled_value, 0),
        s.matches::integer,
        s.matched_on,
        s.reopened_on,
        CASE WHEN l.currency_code IS NULL THEN 4 ELSE coalesce(c.minor_unit, 4) END::integer,
        coalesce(f.minor_unit, 4)::integer
    FROM ledger.all_journal_lines AS l
    INNER JOIN ledger.all_journal_entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
    INNER JOIN identity.businesses AS u ON u.tenant_id = l.tenant_id AND u.id = l.business_id
    INNER JOIN ledger.currencies AS f ON f.code = u.currency_code
    INNER JOIN ledger.currencies AS c ON c.code = coalesce(l.currency_code, u.currency_code)
    CROSS JOIN LATERAL (
        SELECT
            sum(m.amount) FILTER (WHERE m.unmatched_on IS NULL) AS settled,
            sum(m.value) FILTER (WHERE m.unmatched_on IS NULL) AS settled_value,
            count(*) AS matches,
            max(m.matched_on) FILTER (WHERE m.unmatched_on IS NULL) AS matched_on,
            max(m.unmatched_on) AS reopened_on
        FROM (
            SELECT
                d.amount,
                d.debit_value AS value,
                d.matched_on,
                d.unmatched_on
            FROM ledger.matches AS d
            WHERE d.tenant_id = l.tenant_id
                AND d.debit_entry_id = l.entry_id
                AND d.debit_line_no = l.line_no
            UNION ALL
            SELECT
                r.amount,
                r.credit_value,
                r.matched_on,
                r.unmatched_on
            FROM ledger.matches AS r
            WHERE r.tenant_id = l.tenant_id
                AND r.credit_entry_id = l.entry_id
                AND r.credit_line_no = l.line_no
        ) AS m
    ) AS s
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id AND l.line_no = p_line_no;
END;
$$;
COMMENT ON FUNCTION ledger.open_line(integer, uuid, integer) IS
'One line: its signed amount in the transaction currency (total) and in the functional one '
'(value), how much of both is settled (positive), how many matches it ever had, the day of the '
'last one that holds, the last day on which one was undone, and how many decimals both currencies '
'have (the functional one as a transaction currency: 4). No row: there is no such line. '
'Internal.';
