-- requires: identity.current_tenant
-- Replace a line of a draft.
CREATE OR REPLACE FUNCTION ledger.change_journal_line(
    p_entry_id uuid,
    p_line_no integer,
    p_line jsonb,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_line ledger.parsed_line;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    v_entry := ledger.lock_draft(p_tenant_id, p_entry_id);
    v_line := (ledger.parse_lines_of_entry(v_entry, jsonb_build_array(p_line)))[1];
    UPDATE ledger.journal_lines AS l
    SET account_id = v_line.account_id,
        amount = v_line.amount,
        currency_code = v_line.currency_code,
        currency_amount = v_line.currency_amount,
        exchange_rate = v_line.exchange_rate,
        description = v_line.description,
        department_code = v_line.department_code,
        counterparty = v_line.counterparty,
        due_date = v_line.due_date
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id AND l.line_no = p_line_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the draft has no line %', coalesce(p_line_no::text, 'NULL')
        USING ERRCODE = 'ZL028',
            HINT = 'See ledger.journal_lines for its lines.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.change_journal_line(uuid, integer, jsonb, integer) IS
'Replaces a line of a draft by another, shaped as in ledger.create_journal_entry, under the same '
'number. Raises ZL028 (no such line), and what ledger.add_journal_line raises.';
