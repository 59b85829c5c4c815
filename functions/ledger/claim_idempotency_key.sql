-- The first to claim a key carries its request out; whoever comes later gets the entry it made.
CREATE OR REPLACE FUNCTION ledger.claim_idempotency_key(
    p_tenant_id integer,
    p_idempotency_key text,
    p_request_hash bytea,
    p_entry_id uuid,
    p_is_event boolean DEFAULT false
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_claim ledger.idempotency_keys;
BEGIN
    -- Whoever could claim an event's key would keep its entry from being made.
    IF NOT p_is_event AND starts_with(p_idempotency_key, 'event:') THEN
        RAISE EXCEPTION 'idempotency key % is reserved for events', p_idempotency_key
        USING ERRCODE = 'ZL097',
            HINT = 'Choose a key that does not begin with event:.';
    END IF;
    -- Waits for a transaction that has claimed the key and not ended yet.
    INSERT INTO ledger.idempotency_keys (tenant_id, idempotency_key, entry_id, request_hash)
    VALUES (p_tenant_id, p_idempotency_key, p_entry_id, p_request_hash)
    ON CONFLICT (tenant_id, idempotency_key) DO NOTHING;
    IF FOUND THEN
        RETURN p_entry_id;
    END IF;
    SELECT k.* INTO STRICT v_claim
    FROM ledger.idempotency_keys AS k
    WHERE k.tenant_id = p_tenant_id AND k.idempotency_key = p_idempotency_key;
    IF v_claim.request_hash <> p_request_hash THEN
        RETURN NULL;
    END IF;
    RETURN v_claim.entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.claim_idempotency_key(integer, text, bytea, uuid, boolean) IS
'Claims the key for the entry and returns its id; if the same request has claimed it before, the '
'id of the entry it made; if another request has, NULL. p_is_event: the key is that of an event, '
'which begins with event:. Internal. Raises ZL097 (such a key, of another than an event).';
