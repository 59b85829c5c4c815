-- requires: identity.current_tenant
-- Take a line out of a draft.
CREATE OR REPLACE FUNCTION ledger.remove_journal_line(
    p_entry_id uuid,
    p_line_no integer,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    PERFORM ledger.lock_draft(p_tenant_id, p_entry_id);
    DELETE FROM ledger.journal_lines AS l
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id AND l.line_no = p_line_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the draft has no line %', coalesce(p_line_no::text, 'NULL')
        USING ERRCODE = 'ZL028',
            HINT = 'See ledger.journal_lines for its lines.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.remove_journal_line(uuid, integer, integer) IS
'Takes a line out of a draft; the others keep their numbers. Raises ZI001 to ZI004 (token), ZL022 '
'(not a draft), ZL026 (no such entry), ZL028 (no such line).';
