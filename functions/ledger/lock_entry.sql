-- An entry by its id, locked, if the token's businesses have it.
CREATE OR REPLACE FUNCTION ledger.lock_entry(p_tenant_id integer, p_entry_id uuid)
RETURNS ledger.journal_entries
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT e.* INTO v_entry
    FROM ledger.journal_entries AS e
    WHERE e.tenant_id = p_tenant_id
        AND e.id = p_entry_id
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(e.business_id))
    FOR UPDATE;
    IF NOT FOUND THEN
        IF EXISTS (
            SELECT FROM ledger_archive.journal_entries AS a
            WHERE a.tenant_id = p_tenant_id
                AND a.id = p_entry_id
                AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(a.business_id))
        ) THEN
            RAISE EXCEPTION 'journal entry % is archived', p_entry_id
            USING ERRCODE = 'ZL084',
                HINT = 'Post a correction in an open period.';
        END IF;
        RAISE EXCEPTION 'no such journal entry: %', coalesce(p_entry_id::text, 'NULL')
        USING ERRCODE = 'ZL026',
            HINT = 'See ledger.journal_entries for the ids that the token covers.';
    END IF;
    RETURN v_entry;
END;
$$;
COMMENT ON FUNCTION ledger.lock_entry(integer, uuid) IS
'The entry, locked until the transaction ends. Internal: for functions that have entered the '
'tenant. Raises ZL026 (no such entry, or of a business that the token does not cover), ZL084 '
'(archived).';
