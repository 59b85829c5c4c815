-- requires: identity.current_tenant
-- Maintenance: give up the entries whose holds have expired.
CREATE OR REPLACE FUNCTION ledger.expire_holds(
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now timestamptz;
    v_allowed text;
    v_entry_ids uuid[];
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.maintain');
    v_allowed := current_setting('pgerp.business_ids', true);
    v_now := clock_timestamp();
    -- Whoever posts or releases one has its entry locked and ends it himself.
    v_entry_ids := ARRAY(
        SELECT e.id
        FROM ledger.holds AS h
        INNER JOIN ledger.journal_entries AS e ON e.tenant_id = h.tenant_id AND e.id = h.entry_id
        WHERE h.tenant_id = p_tenant_id
            AND h.state = 'pending'
            AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(h.business_id))
            AND h.expires_at <= v_now
            AND e.status = 'DRAFT'
        ORDER BY e.id
        FOR UPDATE OF e SKIP LOCKED
    );
    -- All periods and heads at once, in their order, not entry by entry.
    PERFORM ledger.lock_periods(p_tenant_id, v_entry_ids);
    PERFORM ledger.lock_accounts(p_tenant_id, v_entry_ids);
    PERFORM ledger.lock_heads(p_tenant_id, ledger.held_changes(p_tenant_id, v_entry_ids, -1));
    UPDATE ledger.journal_entries AS e
    SET status = 'VOIDED', void_reason = 'hold expired'
    WHERE e.tenant_id = p_tenant_id AND e.id = ANY (v_entry_ids);
    RETURN cardinality(v_entry_ids);
END;
$$;
COMMENT ON FUNCTION ledger.expire_holds(integer) IS
'Makes the drafts of the token''s businesses VOIDED whose holds have expired, and returns how '
'many. Limits do not need it, an expired hold counts no more by itself; it keeps the tables small. '
'Raises ZI001 to ZI004 (token).';
