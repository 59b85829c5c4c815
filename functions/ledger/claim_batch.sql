-- Claim the idempotency keys of a batch: entries made before keep their id and are not made again.
CREATE OR REPLACE FUNCTION ledger.claim_batch(p_tenant_id integer, p_entries ledger.parsed_entry[])
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entries ledger.parsed_entry[];
    v_keys bigint;
    v_claimed bigint;
BEGIN
    SELECT count(e.idempotency_key) INTO v_keys FROM unnest(p_entries) AS e;
    IF v_keys = 0 THEN
        RETURN p_entries;
    END IF;
    -- In the order of the keys, so that two batches never wait for each other crosswise; the first
    -- of several entries with one key claims it.
    INSERT INTO ledger.idempotency_keys (tenant_id, idempotency_key, entry_id, request_hash)
    SELECT DISTINCT ON (e.idempotency_key)
        p_tenant_id,
        e.idempotency_key,
        e.entry_id,
        e.request_hash
    FROM unnest(p_entries) AS e
    WHERE e.problem IS NULL AND e.idempotency_key IS NOT NULL
    ORDER BY e.idempotency_key, e.ordinal
    ON CONFLICT (tenant_id, idempotency_key) DO NOTHING;
    GET DIAGNOSTICS v_claimed = ROW_COUNT;
    IF v_claimed = v_keys THEN
        -- Each key is new and its entry's own.
        RETURN p_entries;
    END IF;
    SELECT array_agg(
        ROW(
            e.ordinal,
            coalesce(k.entry_id, e.entry_id),
            e.business_id, e.functional_currency_code, e.entry_date, e.status,
            e.description, e.reference, e.idempotency_key, e.request_hash,
            k.entry_id IS NULL OR k.entry_id = e.entry_id,
            -- An entry made before stays made, even if its period has closed since. Who may not
            -- write to its business (ZI) is told nothing of it.
            CASE
                WHEN k.entry_id IS NULL OR e.problem_sqlstate LIKE 'ZI%' THEN e.problem_sqlstate
                WHEN k.request_hash IS DISTINCT FROM e.request_hash THEN 'ZL008'
            END,
            CASE
                WHEN k.entry_id IS NULL OR e.problem_sqlstate LIKE 'ZI%' THEN e.problem
                WHEN k.request_hash IS DISTINCT FROM e.request_hash
                    THEN format('idempotency key %s belongs to another request', e.idempotency_key)
            END,
            e.source_module, e.source_id, e.period_kind, e.period_id
        )::ledger.parsed_entry
        ORDER BY e.ordinal
    )
    INTO v_entries
    FROM unnest(p_entries) AS e
    LEFT JOIN ledger.idempotency_keys AS k
        ON k.tenant_id = p_tenant_id
        AND k.idempotency_key = e.idempotency_key
        -- A key that is reserved for events is nothing that was made before.
        AND e.problem_sqlstate IS DISTINCT FROM 'ZL097';
    RETURN coalesce(v_entries, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.claim_batch(integer, ledger.parsed_entry[]) IS
'The entries of a batch after claiming their idempotency keys: is_new false and the id of the '
'entry made before, where the same request had the key; problem ZL008 where another had it. '
'Internal.';
