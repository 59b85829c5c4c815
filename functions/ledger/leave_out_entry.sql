-- An entry of a batch is not made after all: it gives its idempotency key back.
CREATE OR REPLACE FUNCTION ledger.leave_out_entry(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_ordinal integer,
    p_sqlstate text,
    p_problem text
)
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entries ledger.parsed_entry[] := p_entries;
    v_entry ledger.parsed_entry := p_entries[p_ordinal];
    v_same integer;
BEGIN
    DELETE FROM ledger.idempotency_keys AS k
    WHERE k.tenant_id = p_tenant_id
        AND k.idempotency_key = v_entry.idempotency_key
        AND k.entry_id = v_entry.entry_id;
    -- The same request, once more in the batch, was to get the same id.
    FOR v_same IN
        SELECT e.ordinal
        FROM unnest(p_entries) AS e
        WHERE e.entry_id = v_entry.entry_id AND e.problem IS NULL
    LOOP
        v_entries[v_same].problem_sqlstate := p_sqlstate;
        v_entries[v_same].problem := p_problem;
    END LOOP;
    RETURN v_entries;
END;
$$;
COMMENT ON FUNCTION ledger.leave_out_entry(
    integer, ledger.parsed_entry[], integer, text, text
) IS
'The entries of a batch (each at the place of its ordinal) after the given one, claimed but not '
'made, got a problem; so do those that repeat its request. Its idempotency key is free again. '
'Internal.';
