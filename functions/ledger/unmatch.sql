-- requires: identity.current_tenant
-- Undo a match: what it settled is open again, and its gain or loss is reversed.
CREATE OR REPLACE FUNCTION ledger.unmatch(
    p_match_id uuid,
    p_reason text,
    p_unmatched_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_match ledger.matches;
    v_date date := p_unmatched_on;
    v_allowed text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.match');
    v_allowed := current_setting('pgerp.business_ids', true);
    PERFORM ledger.require_reason(p_reason);
    SELECT m.* INTO v_match
    FROM ledger.matches AS m
    WHERE m.tenant_id = p_tenant_id
        AND m.id = p_match_id
        AND NOT m.is_reversal
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(m.business_id));
    IF FOUND THEN
        PERFORM ledger.lock_item(
            p_tenant_id, least(v_match.debit_entry_id, v_match.credit_entry_id)
        );
        PERFORM ledger.lock_item(
            p_tenant_id, greatest(v_match.debit_entry_id, v_match.credit_entry_id)
        );
        IF v_date IS NULL AND v_match.gain_entry_id IS NOT NULL THEN
            v_date := ledger.reversal_date(
                p_tenant_id, ledger.lock_entry(p_tenant_id, v_match.gain_entry_id)
            );
        END IF;
        v_date := coalesce(v_date, v_match.matched_on);
        IF v_date < v_match.matched_on THEN
            RAISE EXCEPTION 'the match cannot be undone before %', v_match.matched_on
            USING ERRCODE = 'ZL058',
                HINT = 'Leave the date out, or give a later one.';
        END IF;
        UPDATE ledger.matches AS m
        SET unmatched_on = v_date, unmatch_reason = p_reason
        WHERE m.tenant_id = p_tenant_id AND m.id = p_match_id AND m.unmatched_on IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no match % that could be undone', coalesce(p_match_id::text, 'NULL')
        USING ERRCODE = 'ZL056',
            DETAIL = 'There is none, it was undone before, or a reversal made it.',
            HINT = 'See ledger.matches for those that the token covers.';
    END IF;
    IF v_match.gain_entry_id IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN ledger.reverse_entry(p_tenant_id, v_match.gain_entry_id, p_reason, v_date);
END;
$$;
COMMENT ON FUNCTION ledger.unmatch(uuid, text, date, integer) IS
'Undoes a match, with a reason that is kept; reverses the entry of its realised gain or loss and '
'returns the id of that reversal, or NULL when there was none. p_unmatched_on NULL: the day of '
'the match where its period is open, else the first day of the next open period. Raises ZI001 to '
'ZI004 (token), ZL002, ZL003 (period), ZL027 (no reason), ZL056 (no such match, or not covered by '
'the token, undone before, or made by a reversal), ZL058 (before the match).';
