-- Add lines of posted entries to the balances, one row per account, period, currency and stripe, in
-- the order of the key, so that two transactions never wait for each other crosswise.
CREATE OR REPLACE FUNCTION ledger.apply_to_balances(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_line_no integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Read after the lines were written, whose foreign key locks the accounts: who gives one a
    -- limit now waits for us, and what he gave before is seen.
    v_is_watched boolean := EXISTS (
        SELECT FROM ledger.journal_lines AS l
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE l.tenant_id = p_tenant_id
            AND l.entry_id = ANY (p_entry_ids)
            AND (p_line_no IS NULL OR l.line_no = p_line_no)
            AND a.is_watched
    );
BEGIN
    IF v_is_watched THEN
        -- Heads before balances, for every path: who holds an amount locks the head alone.
        PERFORM ledger.lock_heads(
            p_tenant_id, ledger.head_changes(p_tenant_id, p_entry_ids, p_line_no)
        );
    END IF;
    INSERT INTO ledger.account_balances AS b (
        tenant_id, account_id, business_id, period_id, currency_code, stripe,
        debit, credit, currency_amount
    )
    SELECT
        l.tenant_id,
        l.account_id,
        l.business_id,
        e.period_id,
        coalesce(l.currency_code, u.currency_code),
        pg_backend_pid() % a.balance_stripes,
        sum(greatest(l.amount, 0)),
        sum(greatest(-l.amount, 0)),
        sum(coalesce(l.currency_amount, l.amount))
    FROM ledger.journal_lines AS l
    INNER JOIN ledger.journal_entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
    INNER JOIN identity.businesses AS u ON u.tenant_id = l.tenant_id AND u.id = l.business_id
    WHERE l.tenant_id = p_tenant_id
        AND l.entry_id = ANY (p_entry_ids)
        AND (p_line_no IS NULL OR l.line_no = p_line_no)
        AND e.status = 'POSTED'
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
    DO UPDATE SET
        debit = b.debit + excluded.debit,
        credit = b.credit + excluded.credit,
        currency_amount = b.currency_amount + excluded.currency_amount;
    IF v_is_watched THEN
        PERFORM ledger.check_watched(p_tenant_id, p_entry_ids, p_line_no);
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.apply_to_balances(integer, uuid[], integer) IS
'Adds the lines of the given entries, or the one with the given number, to '
'ledger.account_balances, as far as the entries are posted, and hands them to '
'ledger.check_watched when one of their accounts is watched. Internal: called once for each line, '
'in the transaction that posts it. Raises ZL030, ZL031 (limits).';
