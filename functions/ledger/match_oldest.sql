-- requires: identity.current_tenant
-- Settle what a counterparty owes with what it paid, oldest first.
CREATE OR REPLACE FUNCTION ledger.match_oldest(
    p_business_code text,
    p_account_code text,
    p_counterparty text,
    p_currency_code text DEFAULT NULL,
    p_matched_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_account_id uuid;
    v_pair record;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.match');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    SELECT a.id INTO v_account_id
    FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id AND a.code = p_account_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account: %', coalesce(p_account_code, 'NULL')
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    END IF;
    PERFORM ledger.lock_entries(p_tenant_id, ARRAY(
        SELECT i.entry_id
        FROM ledger.account_items(
            p_tenant_id, v_business.id, v_account_id, 'infinity', p_counterparty, false
        ) AS i
    ));
    -- Gains and losses are posted on the day of the later of two items.
    PERFORM ledger.keep_periods(p_tenant_id, ARRAY(
        SELECT p.id
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = p_tenant_id
            AND p.business_id = v_business.id
            AND p.kind = 'regular'
            AND EXISTS (
                SELECT
                FROM ledger.account_items(
                    p_tenant_id, v_business.id, v_account_id, 'infinity', p_counterparty, false
                ) AS i
                WHERE coalesce(p_matched_on, i.entry_date) BETWEEN p.starts_on AND p.ends_on
            )
    ));
    -- Debits and credits laid side by side on one ruler: where two overlap, they match.
    FOR v_pair IN
        WITH items AS (
            SELECT
                i.entry_id,
                i.line_no,
                i.currency_code,
                i.open_amount > 0 AS is_debit,
                abs(i.open_amount) AS open_amount,
                sum(abs(i.open_amount)) OVER (
                    PARTITION BY i.currency_code, i.open_amount > 0
                    ORDER BY i.due_date, i.entry_date, i.entry_id, i.line_no
                ) AS ends_at
            FROM ledger.account_items(
                p_tenant_id, v_business.id, v_account_id, 'infinity', p_counterparty, false
            ) AS i
            INNER JOIN ledger.all_journal_entries AS e
                ON e.tenant_id = p_tenant_id AND e.id = i.entry_id
            WHERE e.status = 'POSTED'
                AND (p_currency_code IS NULL OR i.currency_code = p_currency_code)
                AND (p_matched_on IS NULL OR i.entry_date <= p_matched_on)
        )

        SELECT
            d.entry_id AS debit_entry,
            d.line_no AS debit_line,
            c.entry_id AS credit_entry,
            c.line_no AS credit_line,
            least(d.ends_at, c.ends_at)
            - greatest(d.ends_at - d.open_amount, c.ends_at - c.open_amount) AS amount
        FROM items AS d
        INNER JOIN items AS c
            ON c.currency_code = d.currency_code
            AND c.ends_at - c.open_amount < d.ends_at
            AND d.ends_at - d.open_amount < c.ends_at
        WHERE d.is_debit AND NOT c.is_debit
        ORDER BY d.currency_code, least(d.ends_at, c.ends_at)
    LOOP
        RETURN NEXT ledger.insert_match(
            p_tenant_id, v_pair.debit_entry, v_pair.debit_line, v_pair.credit_entry,
            v_pair.credit_line, v_pair.amount, p_matched_on
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.match_oldest(text, text, text, text, date, integer) IS
'Matches the open debits and credits of one counterparty (NULL: lines without one) on an account '
'with each other, in the order of their due dates, in one currency or each (NULL), as '
'ledger.match_lines does, and returns the ids of the matches. p_matched_on NULL: each on the later '
'date of its two lines; else lines dated after it are left alone. Raises ZI001 to ZI007 (token, '
'business), ZL007 (no such account), and what ledger.match_lines raises.';
