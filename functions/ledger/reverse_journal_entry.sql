-- requires: identity.current_tenant
-- Undo a posted entry by one with the opposite amounts.
CREATE OR REPLACE FUNCTION ledger.reverse_journal_entry(
    p_entry_id uuid,
    p_reason text,
    p_entry_date date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.reverse');
    v_entry := ledger.lock_entry(p_tenant_id, p_entry_id);
    RETURN ledger.reverse_entry(
        p_tenant_id,
        p_entry_id,
        p_reason,
        coalesce(p_entry_date, ledger.reversal_date(p_tenant_id, v_entry))
    );
END;
$$;
COMMENT ON FUNCTION ledger.reverse_journal_entry(uuid, text, date, integer) IS
'Posts the reversal of a posted entry and returns its id; the entry becomes VOIDED, and '
'ledger.reversals links the two; both count, and cancel out. p_entry_date NULL: the entry''s own '
'date where its period is open, else the first day of the next open period. An entry is reversed '
'once; its reversal can be reversed again. Raises ZI001 to ZI004 (token), ZL002 (period not open, '
'or none is), ZL003 (no period has the date), ZL010 (an account was deactivated since), ZL022 '
'(not posted), ZL023 (reversed before), ZL026 (no such entry), ZL027 (no reason).';
