-- Resolve lines for one entry that exists.
CREATE OR REPLACE FUNCTION ledger.parse_lines_of_entry(
    p_entry ledger.journal_entries,
    p_lines jsonb
)
RETURNS ledger.parsed_line[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines ledger.parsed_line[];
    v_bad ledger.parsed_line;
BEGIN
    SELECT ledger.parse_lines(
        p_entry.tenant_id,
        ARRAY[ROW(
            1, p_entry.id, b.id, b.currency_code, p_entry.entry_date, p_entry.status::text,
            p_entry.description, p_entry.reference, NULL, NULL, true, NULL, NULL,
            p_entry.source_module, p_entry.source_id, p_entry.period_kind::text,
            p_entry.period_id
        )::ledger.parsed_entry],
        ARRAY[p_lines]
    ) INTO v_lines
    FROM identity.businesses AS b
    WHERE b.tenant_id = p_entry.tenant_id AND b.id = p_entry.business_id;
    SELECT l.* INTO v_bad
    FROM unnest(v_lines) AS l
    WHERE l.problem IS NOT NULL
    ORDER BY l.line_no
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line %: %', v_bad.line_no, v_bad.problem
        USING ERRCODE = v_bad.problem_sqlstate,
            DETAIL = format('The line: %s.', left((p_lines -> (v_bad.line_no - 1))::text, 500)),
            HINT = 'Correct the line and send the entry again; nothing was kept.';
    END IF;
    RETURN v_lines;
END;
$$;
COMMENT ON FUNCTION ledger.parse_lines_of_entry(ledger.journal_entries, jsonb) IS
'Lines of a request (a JSON array) resolved for an entry. Internal. Raises the first problem: '
'ZL007, ZL009, ZL010, ZL011, ZL012, ZL014, ZL015, ZL021.';
