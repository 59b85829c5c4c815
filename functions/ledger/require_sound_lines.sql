-- Raise the first problem that was found in lines.
CREATE OR REPLACE FUNCTION ledger.require_sound_lines(
    p_lines ledger.parsed_line[],
    p_given jsonb
)
RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_line ledger.parsed_line;
BEGIN
    FOREACH v_line IN ARRAY p_lines LOOP
        IF v_line.problem IS NOT NULL THEN
            RAISE EXCEPTION 'line %: %', v_line.line_no, v_line.problem
            USING ERRCODE = v_line.problem_sqlstate,
                DETAIL = format(
                    'The line: %s.', left((p_given -> (v_line.line_no - 1))::text, 500)
                ),
                HINT = 'Correct the line and send the entry again; nothing was kept.';
        END IF;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION ledger.require_sound_lines(ledger.parsed_line[], jsonb) IS
'Raises the first problem, with its SQLSTATE, that ledger.parse_lines found in lines; p_given: '
'the JSON array they came from. Internal.';
