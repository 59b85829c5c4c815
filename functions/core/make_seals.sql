-- Make the seals of a chain over what has come since its last one, whatever it is that is sealed.
CREATE OR REPLACE FUNCTION core.make_seals(
    p_seals regclass,
    p_tag text,
    p_add_leaves regproc,
    p_tenant_id integer,
    p_max_leaves integer
)
RETURNS SETOF core.seal
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_seal core.seal;
    v_last_no bigint;
    v_last_position bigint;
    v_last_hash bytea;
    v_known timestamptz;
    v_complete_before timestamptz;
    v_open text[];
    v_from timestamptz;
    v_leaves bytea[];
    v_last_instant timestamptz;
    v_has_more boolean;
BEGIN
    IF p_max_leaves IS NULL OR p_max_leaves < 1 THEN
        RAISE EXCEPTION 'a seal covers one row or more'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give a number above zero, or leave it out.';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'seals can only be made in a READ COMMITTED transaction'
        USING ERRCODE = 'active_sql_transaction',
            DETAIL = 'An older snapshot could not see a seal made meanwhile.',
            HINT = 'Start the transaction with ISOLATION LEVEL READ COMMITTED.';
    END IF;
    EXECUTE format(
        'SELECT s.seal_no, s.last_position, s.seal_hash, s.complete_before FROM %s AS s '
        'WHERE s.tenant_id = $1 ORDER BY s.seal_no DESC LIMIT 1',
        p_seals
    )
    INTO v_last_no, v_last_position, v_last_hash, v_known
    USING p_tenant_id;
    -- Before the rows are read: what is not open by now has committed, and is seen below.
    v_open := core.open_transactions();
    v_complete_before := core.complete_before(p_seals, p_tenant_id, v_known, v_open);
    v_from := v_known;
    LOOP
        v_seal.tenant_id := p_tenant_id;
        v_seal.seal_no := coalesce(v_last_no, 0) + 1;
        EXECUTE format(
            'SELECT a.leaves, a.last_instant, a.has_more FROM %s($1, $2, $3, $4) AS a',
            p_add_leaves
        )
        INTO v_leaves, v_last_instant, v_has_more
        USING p_tenant_id, v_seal.seal_no, v_from, p_max_leaves;
        EXIT WHEN v_leaves IS NULL;
        v_seal.first_position := coalesce(v_last_position, 0) + 1;
        v_seal.last_position := v_seal.first_position + cardinality(v_leaves) - 1;
        v_seal.merkle_root := core.merkle_root(v_leaves);
        v_seal.previous_hash := coalesce(v_last_hash, decode(repeat('00', 32), 'hex'));
        -- This one may have left rows to the next one.
        v_seal.complete_before := CASE WHEN v_has_more THEN v_known ELSE v_complete_before END;
        v_seal.open_transactions := v_open;
        v_seal.sealed_at := now();
        v_seal.sealed_by := core.current_actor();
        v_seal.seal_hash := core.seal_hash(p_tag, v_seal);
        EXECUTE format('INSERT INTO %s SELECT ($1).*', p_seals) USING v_seal;
        RETURN NEXT v_seal;
        EXIT WHEN NOT v_has_more;
        v_last_no := v_seal.seal_no;
        v_last_position := v_seal.last_position;
        v_last_hash := v_seal.seal_hash;
        v_from := v_last_instant;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION core.make_seals(regclass, text, regproc, integer, integer) IS
'Makes the next seals of a tenant''s chain and returns them: none if there was nothing. p_seals: '
'the table of the chain, of the shape of core.seal. p_tag: what its hashes begin with. '
'p_add_leaves: the function that writes the leaves of one seal; given the tenant, the number of '
'the seal, the instant to look from (NULL: all) and the most leaves, it returns the leaves (hashes '
'in order; NULL: nothing is left), the last_instant among them, and whether it has_more to look '
'for. The caller has seen to it that one seals at a time. Raises 22023 (p_max_leaves below 1), '
'25001 (outside READ COMMITTED). Internal.';
