-- Add the lines of one entry to the balances, row by row in the order of the key, so that two
-- transactions never wait for each other crosswise.
CREATE OR REPLACE FUNCTION ledger.add_to_balances(
    p_tenant_id integer,
    p_entry ledger.journal_entries,
    p_currency_code text,
    p_account_ids uuid[],
    p_amounts numeric[]
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_moved record;
BEGIN
    FOR v_moved IN
        SELECT
            m.account_id,
            m.debit,
            m.credit,
            pg_backend_pid() % a.balance_stripes AS stripe,
            bool_or(a.is_watched) OVER () AS is_watched
        FROM (
            SELECT
                g.account_id,
                sum(greatest(g.amount, 0)) AS debit,
                sum(greatest(-g.amount, 0)) AS credit
            FROM unnest(p_account_ids, p_amounts) AS g (account_id, amount)
            GROUP BY g.account_id
        ) AS m
        CROSS JOIN LATERAL (
            SELECT
                r.balance_stripes,
                r.is_watched
            FROM ledger.accounts AS r
            WHERE r.tenant_id = p_tenant_id AND r.id = m.account_id
            LIMIT 1
        ) AS a
        ORDER BY m.account_id
    LOOP
        IF v_moved.is_watched THEN
            PERFORM ledger.apply_to_balances(p_tenant_id, ARRAY[p_entry.id]);
            RETURN;
        END IF;
        -- An update writes less than an insert that meets its conflict, and nearly always hits.
        UPDATE ledger.account_balances AS b
        SET debit = b.debit + v_moved.debit,
            credit = b.credit + v_moved.credit,
            currency_amount = b.currency_amount + v_moved.debit - v_moved.credit
        WHERE b.tenant_id = p_tenant_id
            AND b.account_id = v_moved.account_id
            AND b.business_id = p_entry.business_id
            AND b.period_id = p_entry.period_id
            AND b.currency_code = p_currency_code
            AND b.stripe = v_moved.stripe;
        CONTINUE WHEN FOUND;
        INSERT INTO ledger.account_balances AS b (
            tenant_id, account_id, business_id, period_id, currency_code, stripe,
            debit, credit, currency_amount
        )
        VALUES (
            p_tenant_id, v_moved.account_id, p_entry.business_id, p_entry.period_id,
            p_currency_code, v_moved.stripe,
            v_moved.debit, v_moved.credit, v_moved.debit - v_moved.credit
        )
        ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
        DO UPDATE SET
            debit = b.debit + excluded.debit,
            credit = b.credit + excluded.credit,
            currency_amount = b.currency_amount + excluded.currency_amount;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.add_to_balances(
    integer, ledger.journal_entries, text, uuid[], numeric[]
) IS
'What ledger.apply_to_balances does, for one entry that was just posted with the given lines (ids '
'of accounts, signed amounts) in the functional currency, without reading them again; watched '
'accounts are left to that function. Internal. Raises ZL030, ZL031 (limits).';
