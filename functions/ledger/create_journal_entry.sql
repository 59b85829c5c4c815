-- requires: identity.current_tenant
-- Make one journal entry, posted at once or as a draft.
CREATE OR REPLACE FUNCTION ledger.create_journal_entry(
    p_business_code text,
    p_entry_date date,
    p_description text,
    p_lines jsonb,
    p_status text DEFAULT 'POSTED',
    p_reference text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_source_module text DEFAULT NULL,
    p_source_id text DEFAULT NULL,
    p_period_kind text DEFAULT 'regular',
    p_expected_versions jsonb DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The arrays are short: planning the statements anew for each call costs five times their work.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    v_business identity.businesses;
    v_entry_id uuid := core.uuid_v7();
    v_claimed_id uuid;
    v_count integer;
    v_entries ledger.parsed_entry[];
    v_lines ledger.parsed_line[];
    v_total numeric;
BEGIN
    PERFORM identity.enter_tenant(p_tenant_id);
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    IF p_status IS NULL OR p_status NOT IN ('DRAFT', 'POSTED') THEN
        RAISE EXCEPTION 'a new journal entry cannot be %', coalesce(p_status, 'NULL')
        USING ERRCODE = 'ZL016',
            HINT = 'Make it as DRAFT or POSTED.';
    END IF;
    IF p_period_kind IS NULL OR p_period_kind NOT IN ('regular', 'adjusting') THEN
        RAISE EXCEPTION 'a new entry cannot lie in a period of kind %',
            coalesce(p_period_kind, 'NULL')
        USING ERRCODE = 'ZL015',
            HINT = 'Use regular, or adjusting for period 13.';
    END IF;
    IF p_source_module = ANY (ledger.reserved_modules(p_tenant_id)) THEN
        RAISE EXCEPTION 'the token may not post as module %', p_source_module
        USING ERRCODE = 'ZL021',
            DETAIL = 'The module has control accounts.',
            HINT = format(
                'Use a token with the permission ledger.post_as.%s.', p_source_module
            );
    END IF;
    IF jsonb_typeof(p_lines) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'the lines are not a JSON array'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of the function for their shape.';
    END IF;
    IF p_idempotency_key IS NOT NULL THEN
        v_claimed_id := ledger.claim_idempotency_key(
            p_tenant_id,
            p_idempotency_key,
            ledger.request_hash(
                p_business_code, p_entry_date, p_description, p_lines, p_status, p_reference,
                p_source_module, p_source_id, p_period_kind
            ),
            v_entry_id
        );
        IF v_claimed_id IS NULL THEN
            RAISE EXCEPTION 'idempotency key % belongs to another request', p_idempotency_key
            USING ERRCODE = 'ZL008',
                HINT = 'Use a new key for a new request.';
        ELSIF v_claimed_id <> v_entry_id THEN
            RETURN v_claimed_id;
        END IF;
    END IF;
    v_count := jsonb_array_length(p_lines);
    v_entries := ARRAY[ROW(
        1, v_entry_id, v_business.id, v_business.currency_code, p_entry_date, p_status,
        p_description, p_reference, NULL, NULL, true, NULL, NULL, p_source_module, p_source_id,
        p_period_kind
    )::ledger.parsed_entry];
    v_lines := ledger.parse_lines(p_tenant_id, v_entries, ARRAY[p_lines]);
    PERFORM ledger.require_sound_lines(v_lines, p_lines);
    SELECT coalesce(sum(l.amount), 0) INTO v_total FROM unnest(v_lines) AS l;
    IF p_status = 'POSTED' AND v_count < 2 THEN
        RAISE EXCEPTION 'the entry has % line(s)', v_count
        USING ERRCODE = 'ZL005',
            HINT = 'A posted entry needs at least two lines.';
    END IF;
    IF p_status = 'POSTED' AND v_total <> 0 THEN
        v_lines := ledger.add_rounding_lines(p_tenant_id, v_lines, ARRAY[1]);
        SELECT sum(l.amount) INTO v_total FROM unnest(v_lines) AS l;
    END IF;
    IF p_status = 'POSTED' AND v_total <> 0 THEN
        RAISE EXCEPTION 'the entry does not balance'
        USING ERRCODE = 'ZL001',
            DETAIL = format('Debits less credits: %s.', v_total),
            HINT = 'Make total debits equal total credits.';
    END IF;
    IF p_expected_versions IS NOT NULL THEN
        PERFORM ledger.require_versions(p_tenant_id, v_business.id, p_expected_versions);
    END IF;
    PERFORM ledger.insert_entries(p_tenant_id, v_entries, v_lines);
    RETURN v_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.create_journal_entry(
    text, date, text, jsonb, text, text, text, text, text, text, jsonb, integer
) IS
'Makes a journal entry and returns its id. p_lines: [{"account": "1110", "debit": "100.00"}, '
'{"account": "4100", "credit": "100.00"}], optionally with currency and rate (functional units '
'for one of the currency), description, department, counterparty and due_date per line; amounts '
'have at most 4 decimals, as text or number. p_status: POSTED (balanced, two lines or more, open '
'period) or DRAFT. The same p_idempotency_key with the same request returns the same id. '
'p_source_module, p_source_id: what it records; a module with control accounts needs the '
'permission ledger.post_as.<module>. p_period_kind: regular, or adjusting for period 13. '
'p_expected_versions: {"1110": 17}, account code to the version that the account must still have. '
'Raises ZI001 to ZI007 (token, business), ZL001 (does not balance), ZL002 (period not open), '
'ZL003 (no period has the date), ZL005 (fewer than two lines), ZL007, ZL009, ZL010, ZL012, ZL014, '
'ZL021 (account), ZL008 (key belongs to another request), ZL011 (amount), ZL015 (shape of the '
'request), ZL016 (status), 23502 (no description), 23514 (a text is too long or malformed).';
