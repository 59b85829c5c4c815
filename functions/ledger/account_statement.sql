-- An account, or a counterparty's part of it, as it is handed out: opening, lines, closing.
CREATE OR REPLACE FUNCTION ledger.account_statement(
    p_business_code text,
    p_account_code text,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_counterparty text DEFAULT NULL
)
RETURNS TABLE (
    item text,
    entry_date date,
    entry_number bigint,
    description text,
    reference text,
    debit numeric,
    credit numeric,
    balance numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- To plan for the journal's partitions takes longer than to read them.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_account_id uuid := (ledger.readable_account(p_account_code)).id;
    -- COALESCE in the query is not leakproof: under row security no index would take it.
    v_from date := coalesce(p_from, '-infinity');
    v_to date := coalesce(p_to, 'infinity');
    v_opening numeric := 0;
BEGIN
    IF p_counterparty IS NOT NULL THEN
        SELECT coalesce(sum(l.amount), 0) INTO v_opening
        FROM ledger.all_journal_lines AS l
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        WHERE l.tenant_id = v_tenant_id
            AND l.account_id = v_account_id
            AND l.counterparty = p_counterparty
            AND (v_business_id IS NULL OR l.business_id = v_business_id)
            AND l.entry_date < p_from
            AND e.posted_at IS NOT NULL;
    ELSIF p_from IS NOT NULL THEN
        v_opening := ledger.account_balance(p_business_code, p_account_code, p_from - 1);
    END IF;
    RETURN QUERY
    WITH lines AS (
        SELECT
            l.entry_date,
            e.entry_number,
            coalesce(l.description, e.description)::text AS description,
            e.reference::text AS reference,
            greatest(l.amount::numeric, 0.0000) AS debit,
            greatest(-l.amount::numeric, 0.0000) AS credit,
            0.0000 + v_opening + sum(l.amount::numeric) OVER (
                ORDER BY l.entry_date, l.entry_id, l.line_no ROWS UNBOUNDED PRECEDING
            ) AS balance,
            row_number() OVER (ORDER BY l.entry_date, l.entry_id, l.line_no) AS ordinal
        FROM ledger.all_journal_lines AS l
        INNER JOIN ledger.all_journal_entries AS e
            ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        WHERE l.tenant_id = v_tenant_id
            AND l.account_id = v_account_id
            AND (p_counterparty IS NULL OR l.counterparty = p_counterparty)
            AND (v_business_id IS NULL OR l.business_id = v_business_id)
            AND l.entry_date BETWEEN v_from AND v_to
            AND e.posted_at IS NOT NULL
    )

    SELECT
        s.item,
        s.entry_date,
        s.entry_number,
        s.description,
        s.reference,
        s.debit,
        s.credit,
        s.balance
    FROM (
        SELECT
            'opening' AS item,
            p_from AS entry_date,
            NULL::bigint AS entry_number,
            'Opening balance' AS description,
            NULL AS reference,
            NULL::numeric AS debit,
            NULL::numeric AS credit,
            0.0000 + v_opening AS balance,
            1 AS section,
            0::bigint AS ordinal
        UNION ALL
        SELECT
            'line',
            n.entry_date,
            n.entry_number,
            n.description,
            n.reference,
            n.debit,
            n.credit,
            n.balance,
            2,
            n.ordinal
        FROM lines AS n
        UNION ALL
        SELECT
            'closing',
            p_to,
            NULL,
            'Closing balance',
            NULL,
            coalesce(sum(n.debit), 0.0000),
            coalesce(sum(n.credit), 0.0000),
            0.0000 + v_opening + coalesce(sum(n.debit - n.credit), 0),
            3,
            0
        FROM lines AS n
    ) AS s
    ORDER BY s.section, s.ordinal;
END;
$$;
COMMENT ON FUNCTION ledger.account_statement(text, text, date, date, text) IS
'What to hand out about an account, or about the lines in it of one counterparty, from p_from to '
'p_to, both included (NULL: without bound), of one business or of all (NULL). item: opening (the '
'balance before), line (in order of date, entry and line, each with the balance after it), closing '
'(the sums, and the balance at the end). Balances are debit positive. Raises ZI001 to ZI003 '
'(token), ZI005 (no such business), ZL007 (no such account), ZL020 (several functional '
'currencies).';
