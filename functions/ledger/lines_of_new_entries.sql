-- Of the lines of a batch, those to be written.
CREATE OR REPLACE FUNCTION ledger.lines_of_new_entries(
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS ledger.parsed_line[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- A plan for arrays of unknown length would join them row by row.
SET plan_cache_mode = 'force_custom_plan'
AS $$
BEGIN
    -- Nearly always all of them.
    IF NOT EXISTS (
        SELECT FROM unnest(p_entries) AS e WHERE e.problem IS NOT NULL OR NOT e.is_new
    ) THEN
        RETURN p_lines;
    END IF;
    RETURN ARRAY(
        SELECT l
        FROM unnest(p_lines) AS l
        INNER JOIN unnest(p_entries) AS e ON e.ordinal = l.ordinal
        WHERE e.problem IS NULL AND e.is_new
        ORDER BY l.ordinal, l.line_no
    );
END;
$$;
COMMENT ON FUNCTION ledger.lines_of_new_entries(ledger.parsed_entry[], ledger.parsed_line[]) IS
'The lines whose entry has no problem and was not made before, in order. Internal.';
