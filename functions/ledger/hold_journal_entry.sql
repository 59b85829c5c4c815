-- requires: identity.current_tenant
-- First of two phases: make an entry that does not count yet, but whose amounts are kept free.
CREATE OR REPLACE FUNCTION ledger.hold_journal_entry(
    p_business_code text,
    p_entry_date date,
    p_description text,
    p_lines jsonb,
    p_expires_at timestamptz DEFAULT NULL,
    p_reference text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_source_module text DEFAULT NULL,
    p_source_id text DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The arrays are short: planning the statements anew for each call costs more than their work.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    v_expires_at timestamptz;
    v_claim_id uuid := core.uuid_v7();
    v_claimed_id uuid;
    v_entry_id uuid;
    v_business_id integer;
    v_lines bigint;
    v_total numeric;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    IF p_idempotency_key IS NOT NULL THEN
        v_claimed_id := ledger.claim_idempotency_key(
            p_tenant_id,
            p_idempotency_key,
            sha256(convert_to(jsonb_build_array(
                'hold', p_business_code, p_entry_date, p_description, p_lines,
                extract(EPOCH FROM p_expires_at)::text, p_reference, p_source_module, p_source_id
            )::text, 'UTF8')),
            v_claim_id
        );
        IF v_claimed_id IS NULL THEN
            RAISE EXCEPTION 'idempotency key % belongs to another request', p_idempotency_key
            USING ERRCODE = 'ZL008',
                HINT = 'Use a new key for a new request.';
        ELSIF v_claimed_id <> v_claim_id THEN
            RETURN v_claimed_id;
        END IF;
    END IF;
    v_expires_at := coalesce(p_expires_at, now() + interval '7 days');
    IF v_expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the hold would expire at once'
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It is to expire at %s.', v_expires_at),
            HINT = 'Give a time to come, or infinity.';
    END IF;
    v_entry_id := ledger.create_journal_entry(
        p_business_code => p_business_code,
        p_entry_date => p_entry_date,
        p_description => p_description,
        p_lines => p_lines,
        p_status => 'DRAFT',
        p_reference => p_reference,
        p_source_module => p_source_module,
        p_source_id => p_source_id,
        p_tenant_id => p_tenant_id
    );
    UPDATE ledger.idempotency_keys AS k
    SET entry_id = v_entry_id
    WHERE k.tenant_id = p_tenant_id
        AND k.idempotency_key = p_idempotency_key
        AND k.entry_id = v_claim_id;
    PERFORM ledger.round_draft(p_tenant_id, e)
    FROM ledger.journal_entries AS e
    WHERE e.tenant_id = p_tenant_id AND e.id = v_entry_id;
    SELECT
        min(l.business_id),
        count(*),
        coalesce(sum(l.amount), 0)
    INTO v_business_id, v_lines, v_total
    FROM ledger.journal_lines AS l
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = v_entry_id;
    IF v_lines < 2 THEN
        RAISE EXCEPTION 'the entry has % line(s)', v_lines
        USING ERRCODE = 'ZL005',
            HINT = 'An entry that is held needs at least two lines.';
    END IF;
    IF v_total <> 0 THEN
        RAISE EXCEPTION 'the entry does not balance'
        USING ERRCODE = 'ZL001',
            DETAIL = format('Debits less credits: %s.', v_total),
            HINT = 'Make total debits equal total credits.';
    END IF;
    PERFORM ledger.hold_entry(p_tenant_id, v_business_id, v_entry_id, v_expires_at);
    RETURN v_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.hold_journal_entry(
    text, date, text, jsonb, timestamptz, text, text, text, text, integer
) IS
'Makes a draft that is held and returns its id: it does not count in the books, but its amounts '
'count against the limits of its accounts until ledger.post_held_entry or '
'ledger.release_held_entry, or until p_expires_at (NULL: in 7 days; infinity: never). Lines, '
'module and idempotency key as in ledger.create_journal_entry; the period need not be open yet. '
'Raises ZL001 (does not balance), ZL005 (fewer than two lines), ZL030, ZL031 (limits), 22023 '
'(expires in the past), and what ledger.create_journal_entry raises for a draft.';
