-- requires: identity.current_tenant
-- Post a draft.
CREATE OR REPLACE FUNCTION ledger.post_journal_entry(
    p_entry_id uuid,
    p_expected_versions jsonb DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    v_entry := ledger.lock_draft(p_tenant_id, p_entry_id);
    IF p_expected_versions IS NOT NULL THEN
        PERFORM ledger.lock_periods(p_tenant_id, ARRAY[p_entry_id]);
        PERFORM ledger.lock_accounts(p_tenant_id, ARRAY[p_entry_id]);
        PERFORM ledger.require_versions(p_tenant_id, v_entry.business_id, p_expected_versions);
    END IF;
    PERFORM ledger.round_draft(p_tenant_id, v_entry);
    UPDATE ledger.journal_entries AS e
    SET status = 'POSTED'
    WHERE e.tenant_id = p_tenant_id AND e.id = p_entry_id
    RETURNING e.* INTO v_entry;
    PERFORM ledger.require_sound_entry(v_entry);
END;
$$;
COMMENT ON FUNCTION ledger.post_journal_entry(uuid, jsonb, integer) IS
'Posts a draft: from now on it counts and never changes; a rounding difference gets a line, as in '
'ledger.create_journal_entry, whose p_expected_versions it takes too. Raises ZI001 to ZI004 '
'(token), ZL022 (not a draft), ZL026 (no such entry), and what a posted entry must not be: ZL001 '
'(does not balance), ZL002 (period not open), ZL005 (fewer than two lines), ZL009, ZL010, ZL012, '
'ZL014, ZL021 (account), ZL030 to ZL033 (limits, versions).';
