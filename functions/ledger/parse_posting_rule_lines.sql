-- The lines of a posting rule from JSON, with accounts for their codes.
CREATE OR REPLACE FUNCTION ledger.parse_posting_rule_lines(p_tenant_id integer, p_lines jsonb)
RETURNS ledger.posting_rule_lines[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_allowed text := current_setting('pgerp.business_ids', true);
    v_line record;
    v_condition text;
    v_lines ledger.posting_rule_lines[] := '{}'::ledger.posting_rule_lines[];
BEGIN
    IF jsonb_typeof(p_lines) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'the lines of the posting rule are not a JSON array'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of ledger.save_posting_rule for their shape.';
    END IF;
    FOR v_line IN
        SELECT
            i.line_no,
            i.line,
            a.id AS account_id
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS i (line, line_no)
        LEFT JOIN ledger.accounts AS a
            ON a.tenant_id = p_tenant_id AND a.code = i.line ->> 'account'
            AND (
                a.business_id IS NULL
                OR v_allowed = '*'
                OR v_allowed::jsonb @> to_jsonb(a.business_id)
            )
        ORDER BY i.line_no
    LOOP
        IF (
            jsonb_typeof(v_line.line) = 'object'
            AND v_line.line - ARRAY[
                'side', 'account', 'role', 'amount', 'when', 'description', 'counterparty',
                'department', 'due_date'
            ] = '{}'
            AND NOT v_line.line @? 'strict $.* ? (@.type() != "string" && @.type() != "null")'
            AND v_line.line ->> 'side' IN ('debit', 'credit')
            AND num_nonnulls(v_line.line ->> 'account', v_line.line ->> 'role') = 1
            AND v_line.line ->> 'amount' IS NOT NULL
        ) IS NOT true THEN
            RAISE EXCEPTION 'line % of the posting rule is malformed', v_line.line_no
            USING ERRCODE = 'ZL015',
                DETAIL = format('The line: %s.', left(v_line.line::text, 500)),
                HINT = 'It is an object of texts: side (debit, credit), either account or role, '
                    'amount, and perhaps when, description, counterparty, department, due_date.';
        END IF;
        IF v_line.account_id IS NULL AND v_line.line ->> 'account' IS NOT NULL THEN
            RAISE EXCEPTION 'no such account: %', v_line.line ->> 'account'
            USING ERRCODE = 'ZL007',
                DETAIL = format('Line %s of the posting rule names it.', v_line.line_no),
                HINT = 'See ledger.accounts for the codes.';
        END IF;
        v_condition := v_line.line ->> 'when';
        BEGIN
            -- As PostgreSQL writes it: what is the same condition is the same text.
            v_condition := v_condition::jsonpath::text;
        EXCEPTION
            WHEN syntax_error OR data_exception THEN
                -- ledger.condition_problem says so, with the other problems of the rule.
                NULL;
        END;
        v_lines := v_lines || ROW(
            p_tenant_id, NULL, NULL, v_line.line_no, NULL, v_line.line ->> 'side',
            v_line.account_id, v_line.line ->> 'role', v_line.line ->> 'amount', v_condition,
            v_line.line ->> 'description', v_line.line ->> 'counterparty',
            v_line.line ->> 'department', v_line.line ->> 'due_date'
        )::ledger.posting_rule_lines;
    END LOOP;
    RETURN v_lines;
END;
$$;
COMMENT ON FUNCTION ledger.parse_posting_rule_lines(integer, jsonb) IS
'The lines that ledger.save_posting_rule was given, numbered, with ids for codes of accounts that '
'the token covers; rule and revision are the caller''s to set. Internal. Raises ZL007 (no such '
'account), ZL015 (shape), 23514 (a name or text is malformed or too long).';
