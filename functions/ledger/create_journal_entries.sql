-- Make many journal entries in one statement per step.
CREATE OR REPLACE FUNCTION ledger.create_journal_entries(
    p_entries jsonb,
    p_mode text DEFAULT 'atomic',
    p_tenant_id integer DEFAULT NULL
)
RETURNS TABLE (ordinal integer, entry_id uuid, error text, sqlstate text, is_new boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_parsed ledger.parsed_entry[];
    v_entries ledger.parsed_entry[];
    v_unbalanced integer[];
    v_lines ledger.parsed_line[];
    v_bad ledger.parsed_entry;
BEGIN
    -- NULL: the token's tenant, so that the token is verified once and not for a default as well.
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    IF p_mode IS NULL OR p_mode NOT IN ('atomic', 'skip_bad') THEN
        RAISE EXCEPTION 'no such mode: %', coalesce(p_mode, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use atomic (all or nothing) or skip_bad (bad entries are left out).';
    END IF;
    IF jsonb_typeof(p_entries) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'the entries are not a JSON array'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of the function for their shape.';
    END IF;
    v_parsed := ledger.parse_entries(p_tenant_id, p_entries);
    v_lines := ledger.parse_lines(p_tenant_id, v_parsed, ARRAY(
        SELECT CASE
            WHEN e.problem IS NULL THEN p_entries -> (e.ordinal - 1) -> 'lines'
            ELSE '[]'
        END
        FROM unnest(v_parsed) AS e
        ORDER BY e.ordinal
    ));
    v_entries := ledger.judge_entries(v_parsed, v_lines);
    v_unbalanced := ARRAY(
        SELECT e.ordinal FROM unnest(v_entries) AS e WHERE e.problem_sqlstate = 'ZL001'
    );
    IF v_unbalanced <> '{}' THEN
        v_lines := ledger.add_rounding_lines(p_tenant_id, v_lines, v_unbalanced);
        v_entries := ledger.judge_entries(v_parsed, v_lines);
    END IF;
    v_entries := ledger.claim_batch(p_tenant_id, v_entries);
    IF p_mode = 'skip_bad' THEN
        v_entries := ledger.insert_good_entries(p_tenant_id, v_entries, v_lines);
    ELSE
        SELECT e.* INTO v_bad
        FROM unnest(v_entries) AS e
        WHERE e.problem IS NOT NULL
        ORDER BY e.ordinal
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'entry %: %', v_bad.ordinal, v_bad.problem
            USING ERRCODE = v_bad.problem_sqlstate,
                DETAIL = 'No entry of the batch was kept.',
                HINT = 'Correct it and send the batch again, or use mode skip_bad.';
        END IF;
        PERFORM ledger.insert_entries(
            p_tenant_id,
            ARRAY(SELECT e FROM unnest(v_entries) AS e WHERE e.is_new),
            ledger.lines_of_new_entries(v_entries, v_lines)
        );
    END IF;
    RETURN QUERY
    SELECT
        e.ordinal,
        CASE WHEN e.problem IS NULL THEN e.entry_id END,
        e.problem,
        e.problem_sqlstate,
        e.problem IS NULL AND e.is_new
    FROM unnest(v_entries) AS e
    ORDER BY e.ordinal;
END;
$$;
COMMENT ON FUNCTION ledger.create_journal_entries(jsonb, text, integer) IS
'Makes many journal entries at once. p_entries: [{"business", "date", "description", "lines": as '
'in ledger.create_journal_entry, and optionally "status", "reference", "idempotency_key"}, …]. '
'p_mode atomic: the first bad entry is raised and nothing is kept; skip_bad: bad entries are '
'left out, also those that limits or budgets do not allow when all together break one, and those '
'whose period or account others have closed meanwhile. One row per entry in the order given: '
'ordinal from 1; entry_id or error with its SQLSTATE; is_new false when its idempotency key had '
'made it before. Raises 22023 (mode), ZI001 to ZI004 (token), and in atomic mode what '
'ledger.create_journal_entry raises.';
