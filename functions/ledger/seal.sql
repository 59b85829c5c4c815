-- requires: identity.current_tenant
-- Seal what was posted since the last seal: from then on no change of it goes unseen.
CREATE OR REPLACE FUNCTION ledger.seal(
    p_max_entries integer DEFAULT 1000000,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS SETOF ledger.seals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_last ledger.seals;
    v_seal ledger.seals;
    v_open text[];
    v_complete_before timestamptz;
    v_posted_from timestamptz;
    v_leaves record;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.seal');
    IF current_setting('pgerp.business_ids', true) <> '*' THEN
        RAISE EXCEPTION 'the token does not cover every business'
        USING ERRCODE = 'ZI006',
            DETAIL = 'A seal covers the entries of all businesses of the tenant.',
            HINT = 'Use a token whose claim business is "*".';
    END IF;
    IF p_max_entries IS NULL OR p_max_entries < 1 THEN
        RAISE EXCEPTION 'a seal covers one entry or more'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give p_max_entries above zero, or leave it out.';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'entries can only be sealed in a READ COMMITTED transaction'
        USING ERRCODE = 'active_sql_transaction',
            DETAIL = 'An older snapshot could not see a seal made meanwhile.',
            HINT = 'Start the transaction with ISOLATION LEVEL READ COMMITTED.';
    END IF;
    -- One seals at a time.
    PERFORM FROM identity.tenants AS t WHERE t.id = p_tenant_id FOR NO KEY UPDATE;
    SELECT s.* INTO v_last
    FROM ledger.seals AS s
    WHERE s.tenant_id = p_tenant_id
    ORDER BY s.seal_no DESC
    LIMIT 1;
    -- Before the entries are read: what is not open by now has committed, and is seen below.
    v_open := ledger.open_transactions();
    v_complete_before := ledger.complete_before(p_tenant_id, v_last.complete_before, v_open);
    v_posted_from := v_last.complete_before;
    LOOP
        v_seal.tenant_id := p_tenant_id;
        v_seal.seal_no := coalesce(v_last.seal_no, 0) + 1;
        v_leaves := ledger.seal_entries(
            p_tenant_id, v_seal.seal_no, v_posted_from, p_max_entries
        );
        EXIT WHEN v_leaves.entry_count = 0;
        v_seal.first_position := coalesce(v_last.last_position, 0) + 1;
        v_seal.last_position := v_seal.first_position + v_leaves.entry_count - 1;
        v_seal.merkle_root := ledger.merkle_root(ARRAY(
            SELECT sha256(decode('00', 'hex') || convert_to(s.content, 'UTF8'))
            FROM ledger.sealed_entries AS s
            WHERE s.tenant_id = p_tenant_id AND s.seal_no = v_seal.seal_no
            ORDER BY s.leaf_no
        ));
        v_seal.previous_hash := coalesce(v_last.seal_hash, decode(repeat('00', 32), 'hex'));
        -- A full seal may have left entries to the next one.
        v_seal.complete_before := CASE
            WHEN v_leaves.entry_count < p_max_entries THEN v_complete_before
            ELSE v_last.complete_before
        END;
        v_seal.open_transactions := v_open;
        v_seal.sealed_at := now();
        v_seal.sealed_by := core.current_actor();
        v_seal.seal_hash := ledger.seal_hash(v_seal);
        INSERT INTO ledger.seals SELECT (v_seal).*;
        RETURN NEXT v_seal;
        EXIT WHEN v_leaves.entry_count < p_max_entries;
        v_last := v_seal;
        v_posted_from := v_leaves.last_posted_at;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.seal(integer, integer) IS
'Seals every posted entry of the tenant that is not sealed yet, p_max_entries to a seal, and '
'returns the new seals: none if there was nothing. Postings go on meanwhile; what commits later '
'is for the next seal. Raises ZI001 to ZI004, ZI006 (token), 22023 (p_max_entries below 1), '
'25001 (outside READ COMMITTED).';
