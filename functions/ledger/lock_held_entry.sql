-- A held entry by its id, locked, for those who post or release it.
CREATE OR REPLACE FUNCTION ledger.lock_held_entry(p_tenant_id integer, p_entry_id uuid)
RETURNS ledger.journal_entries
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries := ledger.lock_entry(p_tenant_id, p_entry_id);
    v_hold ledger.holds;
BEGIN
    SELECT h.* INTO v_hold
    FROM ledger.holds AS h
    WHERE h.tenant_id = p_tenant_id AND h.entry_id = p_entry_id;
    IF v_hold.state = 'pending' THEN
        RETURN v_entry;
    ELSIF v_hold.state = 'expired' THEN
        RAISE EXCEPTION 'the hold of journal entry % has expired', p_entry_id
        USING ERRCODE = 'ZL034',
            DETAIL = format('It expired at %s.', v_hold.expires_at),
            HINT = 'Make the entry anew.';
    END IF;
    RAISE EXCEPTION 'journal entry % is not held', p_entry_id
    USING ERRCODE = 'ZL036',
        DETAIL = CASE
            WHEN v_hold.state IS NULL THEN 'It never was.'
            WHEN v_hold.posted_entry_id IS NOT NULL THEN format(
                'Entry %s posted it at %s.', v_hold.posted_entry_id, v_hold.ended_at
            )
            ELSE format('It was released at %s.', v_hold.ended_at)
        END,
        HINT = 'See ledger.holds.';
END;
$$;
COMMENT ON FUNCTION ledger.lock_held_entry(integer, uuid) IS
'The draft whose hold is pending, locked until the transaction ends; its time may be over. '
'Internal: for functions that have entered the tenant. Raises ZL026 (no such entry, or not '
'covered by the token), ZL034 (expired), ZL036 (not held: never, posted or released).';
