-- Write the lines of a request that are not all plain, or raise what is wrong with them.
CREATE OR REPLACE FUNCTION ledger.write_lines(
    p_entry ledger.journal_entries,
    p_lines jsonb
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines ledger.parsed_line[] := ledger.parse_lines_of_entry(p_entry, p_lines);
BEGIN
    IF p_entry.status = 'POSTED' AND (SELECT sum(l.amount) FROM unnest(v_lines) AS l) <> 0 THEN
        v_lines := ledger.add_rounding_lines(p_entry.tenant_id, v_lines, ARRAY[1]);
    END IF;
    PERFORM ledger.insert_lines(
        p_entry.tenant_id, p_entry.id, p_entry.business_id, p_entry.entry_date, ARRAY(
            SELECT ROW(
                l.account_id, l.amount, l.currency_code, l.currency_amount, l.exchange_rate,
                l.description, l.department_code, l.counterparty, l.due_date
            )::ledger.new_line
            FROM unnest(v_lines) AS l
            ORDER BY l.line_no
        )
    );
    IF p_entry.status = 'POSTED' THEN
        PERFORM ledger.apply_to_balances(p_entry.tenant_id, ARRAY[p_entry.id]);
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.write_lines(ledger.journal_entries, jsonb) IS
'Resolves the lines of a request (shape as in ledger.create_journal_entry), writes them into the '
'entry, which has none, and adds them to the balances if it is posted. Internal. Raises ZL007, '
'ZL009, ZL010, ZL011, ZL012, ZL014, ZL015, ZL021 (a line), ZL030, ZL031 (limits).';
