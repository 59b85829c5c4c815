-- requires: identity.current_tenant
-- Add a line to a draft.
CREATE OR REPLACE FUNCTION ledger.add_journal_line(
    p_entry_id uuid,
    p_line jsonb,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_line ledger.parsed_line;
    v_line_no integer;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    v_entry := ledger.lock_draft(p_tenant_id, p_entry_id);
    v_line := (ledger.parse_lines_of_entry(v_entry, jsonb_build_array(p_line)))[1];
    SELECT coalesce(max(l.line_no), 0) + 1 INTO v_line_no
    FROM ledger.journal_lines AS l
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id;
    INSERT INTO ledger.journal_lines (
        tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount, currency_code,
        currency_amount, exchange_rate, description, department_code, counterparty, due_date
    )
    VALUES (
        p_tenant_id, p_entry_id, v_line_no, v_line.account_id, v_entry.business_id,
        v_entry.entry_date, v_line.amount, v_line.currency_code, v_line.currency_amount,
        v_line.exchange_rate, v_line.description, v_line.department_code, v_line.counterparty,
        v_line.due_date
    );
    RETURN v_line_no;
END;
$$;
COMMENT ON FUNCTION ledger.add_journal_line(uuid, jsonb, integer) IS
'Adds a line, shaped as in ledger.create_journal_entry, to a draft, and returns its number. Raises '
'ZI001 to ZI004 (token), ZL022 (not a draft), ZL026 (no such entry), and what is '
'wrong with the line: ZL007, ZL009, ZL010, ZL011, ZL012, ZL014, ZL015, ZL021.';
