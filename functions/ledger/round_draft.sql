-- Balance a draft that is off by nothing but the rounding of its conversion, before it is posted.
CREATE OR REPLACE FUNCTION ledger.round_draft(
    p_tenant_id integer,
    p_entry ledger.journal_entries
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines ledger.parsed_line[];
    v_last_no integer;
BEGIN
    SELECT
        array_agg(ROW(
            1, l.entry_id, l.business_id, l.entry_date, l.line_no, l.account_id, l.amount,
            l.currency_code, l.currency_amount, l.exchange_rate, NULL, NULL, NULL, NULL, NULL, NULL
        )::ledger.parsed_line),
        max(l.line_no)
    INTO v_lines, v_last_no
    FROM ledger.journal_lines AS l
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry.id
    HAVING sum(l.amount) <> 0;
    IF v_lines IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO ledger.journal_lines (
        tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount, description
    )
    SELECT
        p_tenant_id,
        p_entry.id,
        l.line_no,
        l.account_id,
        p_entry.business_id,
        p_entry.entry_date,
        l.amount,
        l.description
    FROM unnest(ledger.add_rounding_lines(p_tenant_id, v_lines, ARRAY[1])) AS l
    WHERE l.line_no > v_last_no;
END;
$$;
COMMENT ON FUNCTION ledger.round_draft(integer, ledger.journal_entries) IS
'Adds to a draft, which is locked and about to be posted or held, the line with the rounding '
'difference that ledger.create_journal_entry would have added to a posted entry; none where it '
'balances, or where more than rounding is wrong. Internal.';
