-- Whether a request is to be carried out, or was.
CREATE OR REPLACE FUNCTION lending.claim_request(
    p_tenant_id integer,
    p_key text,
    p_request jsonb,
    p_transaction_id uuid
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_claimed_id uuid;
BEGIN
    IF p_key IS NULL THEN
        RETURN p_transaction_id;
    END IF;
    v_claimed_id := lending.claim_idempotency_key(
        p_tenant_id, p_key, sha256(convert_to(p_request::text, 'UTF8')), p_transaction_id
    );
    IF v_claimed_id IS NULL THEN
        RAISE EXCEPTION 'idempotency key % belongs to another request', p_key
        USING ERRCODE = 'ZO040',
            HINT = 'Use a new key for a new request.';
    END IF;
    RETURN v_claimed_id;
END;
$$;
COMMENT ON FUNCTION lending.claim_request(integer, text, jsonb, uuid) IS
'p_transaction_id where the request is to be carried out, without a key always; the id of what it '
'made where it was before. p_request: what was asked for, as a JSON array. Raises ZO040 (the key '
'belongs to another request). Internal.';
