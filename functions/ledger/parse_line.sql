-- Resolve one line for a draft that exists.
CREATE OR REPLACE FUNCTION ledger.parse_line(
    p_tenant_id integer,
    p_entry ledger.journal_entries,
    p_line jsonb
)
RETURNS ledger.parsed_line
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_line ledger.parsed_line;
BEGIN
    SELECT l.* INTO v_line
    FROM identity.businesses AS b
    CROSS JOIN LATERAL unnest(ledger.parse_lines(
        p_tenant_id,
        ARRAY[ROW(
            1, p_entry.id, b.id, b.currency_code, p_entry.entry_date, 'DRAFT',
            p_entry.description, p_entry.reference, NULL, NULL, true, NULL, NULL,
            p_entry.source_module, p_entry.source_id, p_entry.period_kind
        )::ledger.parsed_entry],
        ARRAY[jsonb_build_array(p_line)]
    )) AS l
    WHERE b.tenant_id = p_tenant_id AND b.id = p_entry.business_id;
    PERFORM ledger.require_sound_lines(ARRAY[v_line], jsonb_build_array(p_line));
    RETURN v_line;
END;
$$;
COMMENT ON FUNCTION ledger.parse_line(integer, ledger.journal_entries, jsonb) IS
'A line of a request resolved against a draft. Internal. Raises what is wrong with it: ZL007, '
'ZL009, ZL010, ZL011, ZL012, ZL014, ZL015, ZL021.';
