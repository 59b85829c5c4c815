-- requires: identity.current_tenant
-- Settle a debit line with a credit line, in whole or in part.
CREATE OR REPLACE FUNCTION ledger.match_lines(
    p_debit_entry uuid,
    p_debit_line integer,
    p_credit_entry uuid,
    p_credit_line integer,
    p_amount numeric DEFAULT NULL,
    p_matched_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.match');
    PERFORM ledger.lock_item(p_tenant_id, least(p_debit_entry, p_credit_entry));
    PERFORM ledger.lock_item(p_tenant_id, greatest(p_debit_entry, p_credit_entry));
    IF p_amount <> round(p_amount, 4) THEN
        RAISE EXCEPTION '% has more than 4 decimals', p_amount
        USING ERRCODE = 'ZL011',
            HINT = 'Round it before you send it.';
    END IF;
    RETURN ledger.insert_match(
        p_tenant_id, p_debit_entry, p_debit_line, p_credit_entry, p_credit_line, p_amount,
        p_matched_on
    );
END;
$$;
COMMENT ON FUNCTION ledger.match_lines(
    uuid, integer, uuid, integer, numeric, date, integer
) IS
'Matches a debit line with a credit line of the same asset or liability account, business, '
'counterparty and currency, and returns the id of the match. p_amount: in the transaction '
'currency, positive; NULL: all that is open of both. p_matched_on NULL: the later of the dates of '
'the lines. The functional values are prorated, the last part takes the residue; their '
'difference, the realised gain or loss, is posted on that day to the account with the role '
'exchange_gain or exchange_loss. Raises ZI001 to ZI004 (token), ZL002, ZL003 (period of the gain), '
'ZL011 (finer than the currency), ZL024 (no account has the role), ZL026 (no such entry), ZL052 '
'(lines that do not belong together), ZL053 (no posted line), ZL054 (more than is open), ZL058 '
'(before its lines), 40001 (a line was matched by another transaction meanwhile: repeat).';
