-- Give each entry of a batch the first problem of its lines, or of them all together.
CREATE OR REPLACE FUNCTION ledger.judge_entries(
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- A plan for arrays of unknown length would join them row by row.
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    v_entries ledger.parsed_entry[];
BEGIN
    SELECT array_agg(
        ROW(
            e.ordinal, e.entry_id, e.business_id, e.functional_currency_code, e.entry_date,
            e.status, e.description, e.reference, e.idempotency_key, e.request_hash, e.is_new,
            CASE
                WHEN e.problem IS NOT NULL THEN e.problem_sqlstate
                WHEN b.problem IS NOT NULL THEN b.problem_sqlstate
                WHEN e.status = 'POSTED' AND coalesce(s.lines, 0) < 2 THEN 'ZL005'
                WHEN e.status = 'POSTED' AND s.total <> 0 THEN 'ZL001'
            END,
            CASE
                WHEN e.problem IS NOT NULL THEN e.problem
                WHEN b.problem IS NOT NULL
                    THEN format('line %s: %s', b.line_no, b.problem)
                WHEN e.status = 'POSTED' AND coalesce(s.lines, 0) < 2
                    THEN format('the entry has %s line(s)', coalesce(s.lines, 0))
                WHEN e.status = 'POSTED' AND s.total <> 0
                    THEN format('the entry does not balance: debits less credits are %s', s.total)
            END,
            e.source_module, e.source_id, e.period_kind, e.period_id
        )::ledger.parsed_entry
        ORDER BY e.ordinal
    )
    INTO v_entries
    FROM unnest(p_entries) AS e
    LEFT JOIN (
        SELECT
            l.ordinal,
            count(*) AS lines,
            sum(l.amount) AS total
        FROM unnest(p_lines) AS l
        GROUP BY l.ordinal
    ) AS s ON s.ordinal = e.ordinal
    LEFT JOIN (
        SELECT DISTINCT ON (l.ordinal)
            l.ordinal,
            l.line_no,
            l.problem_sqlstate,
            l.problem
        FROM unnest(p_lines) AS l
        WHERE l.problem IS NOT NULL
        ORDER BY l.ordinal, l.line_no
    ) AS b ON b.ordinal = e.ordinal;
    RETURN coalesce(v_entries, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.judge_entries(ledger.parsed_entry[], ledger.parsed_line[]) IS
'The entries of a batch, each with its first problem: of its header, of its lines (as found by '
'ledger.parse_lines), ZL005 (fewer than two lines) or ZL001 (does not balance). Internal.';
