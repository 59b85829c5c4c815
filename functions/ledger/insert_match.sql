-- Match two lines, and book what was gained or lost between their rates.
CREATE OR REPLACE FUNCTION ledger.insert_match(
    p_tenant_id integer,
    p_debit_entry uuid,
    p_debit_line integer,
    p_credit_entry uuid,
    p_credit_line integer,
    p_amount numeric,
    p_matched_on date
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_match ledger.matches;
    v_gain numeric;
    v_rate numeric;
BEGIN
    BEGIN
        INSERT INTO ledger.matches (
            tenant_id, debit_entry_id, debit_line_no, credit_entry_id, credit_line_no, amount,
            matched_on
        )
        VALUES (
            p_tenant_id, p_debit_entry, p_debit_line, p_credit_entry, p_credit_line, p_amount,
            p_matched_on
        )
        RETURNING * INTO v_match;
    EXCEPTION
        WHEN unique_violation THEN
            -- Our snapshot is older than somebody's match of the same line.
            RAISE EXCEPTION 'another transaction has matched a line of these meanwhile'
            USING ERRCODE = 'serialization_failure',
                HINT = 'Repeat the transaction.';
    END;
    IF v_match.gain_entry_id IS NULL THEN
        RETURN v_match.id;
    END IF;
    v_gain := v_match.credit_value - v_match.debit_value;
    -- For the record: the rate at which it was settled, that of the later line.
    SELECT l.exchange_rate INTO v_rate
    FROM ledger.all_journal_lines AS l
    WHERE l.tenant_id = p_tenant_id
        AND (l.entry_id, l.line_no)
        IN ((p_debit_entry, p_debit_line), (p_credit_entry, p_credit_line))
    ORDER BY l.entry_date DESC, l.amount
    LIMIT 1;
    PERFORM ledger.insert_entry(
        p_tenant_id,
        v_match.business_id,
        v_match.matched_on,
        'POSTED',
        'Exchange difference on settlement',
        ARRAY[
            ROW(
                v_match.account_id, v_gain, v_match.currency_code, 0, v_rate, NULL, NULL,
                v_match.counterparty, NULL
            )::ledger.new_line,
            ROW(
                ledger.account_for_role(
                    p_tenant_id,
                    v_match.business_id,
                    CASE WHEN v_gain > 0 THEN 'exchange_gain' ELSE 'exchange_loss' END
                ),
                -v_gain, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            )::ledger.new_line
        ],
        p_source_module => 'ledger',
        p_source_id => v_match.id::text,
        p_entry_id => v_match.gain_entry_id
    );
    RETURN v_match.id;
END;
$$;
COMMENT ON FUNCTION ledger.insert_match(
    integer, uuid, integer, uuid, integer, numeric, date
) IS
'Matches a debit line with a credit line (amount NULL: all that is open of both; date NULL: the '
'later of theirs), posts the difference of their functional values to the account that has the '
'role exchange_gain or exchange_loss, and returns the id of the match. Internal: for functions '
'that have entered the tenant and locked the entries in the order of their ids. Raises ZL002, '
'ZL003 (period), ZL011, ZL052, ZL053, ZL054, ZL058 (the match), ZL024 (no account has the role), '
'40001 (another transaction matched a line meanwhile).';
