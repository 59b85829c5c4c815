-- Add the few lines of one entry to the balances, row by row in the order of the key, so that two
-- transactions never wait for each other crosswise.
CREATE OR REPLACE FUNCTION ledger.add_to_balances(
    p_tenant_id integer,
    p_entry ledger.journal_entries,
    p_currency_code text,
    p_account_ids uuid[],
    p_amounts numeric[]
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_account record;
    v_stripes integer[];
    v_debit numeric;
    v_credit numeric;
    v_is_sound boolean := true;
BEGIN
    -- Read after the lines were written, whose foreign keys lock the accounts: see
    -- ledger.apply_to_balances, which has the watched ones and long entries.
    FOR v_i IN 1..cardinality(p_account_ids) LOOP
        SELECT
            a.balance_stripes,
            a.is_watched,
            a.is_postable
            AND a.is_active
            AND (a.business_id IS NULL OR a.business_id = p_entry.business_id)
            AND a.currency_code IS NULL
            AND a.control_module IS NULL AS is_plain
        INTO v_account
        FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id AND a.id = p_account_ids[v_i];
        IF v_account.is_watched OR v_i > 8 THEN
            PERFORM ledger.apply_to_balances(p_tenant_id, ARRAY[p_entry.id]);
            RETURN false;
        END IF;
        v_is_sound := v_is_sound AND v_account.is_plain;
        v_stripes[v_i] := pg_backend_pid() % v_account.balance_stripes;
    END LOOP;
    FOR v_i IN 1..cardinality(p_account_ids) LOOP
        v_debit := greatest(p_amounts[v_i], 0);
        v_credit := greatest(-p_amounts[v_i], 0);
        -- An update writes less than an insert that meets its conflict, and nearly always hits.
        UPDATE ledger.account_balances AS b
        SET debit = b.debit + v_debit,
            credit = b.credit + v_credit,
            currency_amount = b.currency_amount + p_amounts[v_i]
        WHERE b.tenant_id = p_tenant_id
            AND b.account_id = p_account_ids[v_i]
            AND b.business_id = p_entry.business_id
            AND b.period_id = p_entry.period_id
            AND b.currency_code = p_currency_code
            AND b.stripe = v_stripes[v_i];
        CONTINUE WHEN FOUND;
        INSERT INTO ledger.account_balances AS b (
            tenant_id, account_id, business_id, period_id, currency_code, stripe,
            debit, credit, currency_amount
        )
        VALUES (
            p_tenant_id, p_account_ids[v_i], p_entry.business_id, p_entry.period_id,
            p_currency_code, v_stripes[v_i],
            v_debit, v_credit, p_amounts[v_i]
        )
        ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
        DO UPDATE SET
            debit = b.debit + excluded.debit,
            credit = b.credit + excluded.credit,
            currency_amount = b.currency_amount + excluded.currency_amount;
    END LOOP;
    RETURN v_is_sound;
END;
$$;
COMMENT ON FUNCTION ledger.add_to_balances(
    integer, ledger.journal_entries, text, uuid[], numeric[]
) IS
'What ledger.apply_to_balances does, for one entry that was just posted with the given lines (ids '
'of accounts in ascending order, signed amounts) in the functional currency, without reading them '
'again; watched accounts, and more than eight lines, are left to that function. Returns whether '
'each account, as it is under the lock of its lines, takes them; false: not known. Internal. '
'Raises ZL030, ZL031 (limits).';
