-- The first to claim a key carries its request out; whoever comes later gets what that made.
CREATE OR REPLACE FUNCTION lending.claim_idempotency_key(
    p_tenant_id integer,
    p_key text,
    p_request_hash bytea,
    p_transaction_id uuid
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_claim lending.idempotency_keys;
BEGIN
    -- Waits for a transaction that has claimed the key and not ended yet.
    INSERT INTO lending.idempotency_keys (
        tenant_id, idempotency_key, transaction_id, request_hash
    )
    VALUES (p_tenant_id, p_key, p_transaction_id, p_request_hash)
    ON CONFLICT (tenant_id, idempotency_key) DO NOTHING;
    IF FOUND THEN
        RETURN p_transaction_id;
    END IF;
    SELECT k.* INTO STRICT v_claim
    FROM lending.idempotency_keys AS k
    WHERE k.tenant_id = p_tenant_id AND k.idempotency_key = p_key;
    IF v_claim.request_hash <> p_request_hash THEN
        RETURN NULL;
    END IF;
    RETURN v_claim.transaction_id;
END;
$$;
COMMENT ON FUNCTION lending.claim_idempotency_key(integer, text, bytea, uuid) IS
'Claims the key for the transaction and returns its id; if the same request has claimed it before, '
'the id of the transaction that it made; if another request has, NULL. Internal.';
