-- A hold ends, one way or another, and its amounts are free.
CREATE OR REPLACE FUNCTION ledger.end_hold(
    p_tenant_id integer,
    p_entry_id uuid,
    p_is_posted boolean
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_hold ledger.holds;
    v_changes ledger.head_change[];
    v_now timestamptz;
BEGIN
    SELECT h.* INTO v_hold
    FROM ledger.holds AS h
    WHERE h.tenant_id = p_tenant_id AND h.entry_id = p_entry_id AND h.state = 'pending'
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM ledger.lock_periods(p_tenant_id, ARRAY[p_entry_id]);
    PERFORM ledger.lock_accounts(p_tenant_id, ARRAY[p_entry_id]);
    v_changes := ledger.held_changes(p_tenant_id, ARRAY[p_entry_id], -1);
    PERFORM ledger.lock_heads(p_tenant_id, v_changes);
    -- What the clock says while the heads are locked: nobody has used the amounts since.
    v_now := clock_timestamp();
    IF p_is_posted AND v_hold.expires_at <= v_now THEN
        RAISE EXCEPTION 'the hold of journal entry % has expired', p_entry_id
        USING ERRCODE = 'ZL034',
            DETAIL = format('It expired at %s.', v_hold.expires_at),
            HINT = 'Make the entry anew.';
    END IF;
    DELETE FROM ledger.held_amounts AS m
    WHERE m.tenant_id = p_tenant_id AND m.entry_id = p_entry_id;
    PERFORM ledger.change_heads(p_tenant_id, v_changes);
    UPDATE ledger.holds AS h
    SET
        state = CASE
            WHEN p_is_posted THEN 'posted'
            WHEN v_hold.expires_at <= v_now THEN 'expired'
            ELSE 'released'
        END::ledger.hold_state,
        ended_at = v_now,
        posted_entry_id = CASE WHEN p_is_posted THEN p_entry_id END
    WHERE h.tenant_id = p_tenant_id AND h.entry_id = p_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.end_hold(integer, uuid, boolean) IS
'Ends the pending hold of an entry as posted, or else as released, or as expired when its time is '
'over; does nothing without one. Internal: for the transaction that posts or voids the entry. '
'Raises ZL034 (would be posted, but has expired).';
