-- The lines that a revision of a posting rule makes of an event.
CREATE OR REPLACE FUNCTION ledger.lines_of_event(
    p_event events.event_store,
    p_rule_id uuid,
    p_revision_no integer
)
RETURNS ledger.new_line[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines ledger.new_line[];
    v_problem text;
BEGIN
    SELECT
        array_agg(
            ROW(
                l.account_id, l.amount, NULL, NULL, NULL, l.description, l.department_code,
                l.counterparty, core.iso_date(l.due_date_text)
            )::ledger.new_line
            ORDER BY l.line_no
        ) FILTER (WHERE l.is_met AND l.amount <> 0),
        min(CASE
            WHEN l.is_met IS NULL THEN 'ZL096 condition ' || l.condition || ' is unknown'
            WHEN NOT l.is_met THEN NULL
            WHEN l.size >= 0 IS NOT true
                THEN 'ZL096 ' || l.amount_path || ' is ' || coalesce(l.size::text, 'missing')
            WHEN l.size >= 1e16 THEN 'ZL011 ' || l.amount_path || ' is ' || l.size
            WHEN l.size > 0 AND l.account_id IS NULL
                THEN 'ZL024 no account has the role ' || l.role
        END)
    INTO v_lines, v_problem
    FROM (
        SELECT
            r.line_no,
            r.condition,
            r.amount_path,
            r.role,
            m.size,
            CASE r.side WHEN 'debit' THEN m.size ELSE -m.size END AS amount,
            r.condition IS NULL
            OR jsonb_path_match(p_event.payload, r.condition::jsonpath) AS is_met,
            coalesce(r.account_id, (
                SELECT a.account_id
                FROM ledger.account_roles AS a
                WHERE a.tenant_id = p_event.tenant_id
                    AND a.role = r.role
                    AND (a.business_id = p_event.business_id OR a.business_id IS NULL)
                ORDER BY a.business_id NULLS LAST
                LIMIT 1
            )) AS account_id,
            ledger.fill_template(r.description, p_event.payload) AS description,
            ledger.fill_template(r.counterparty, p_event.payload) AS counterparty,
            ledger.fill_template(r.department_code, p_event.payload) AS department_code,
            p_event.payload #>> string_to_array(r.due_date_path, '.') AS due_date_text
        FROM ledger.posting_rule_lines AS r
        CROSS JOIN LATERAL (
            SELECT (p_event.payload #>> string_to_array(r.amount_path, '.'))::numeric AS size
        ) AS m
        WHERE r.tenant_id = p_event.tenant_id
            AND r.rule_id = p_rule_id
            AND r.revision_no = p_revision_no
        -- A fence: flattened, a field would be looked for anew at each place that reads it.
        OFFSET 0
    ) AS l;
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION 'event %: %', p_event.id, substr(v_problem, 7)
        USING ERRCODE = left(v_problem, 5),
            DETAIL = format('Posting rule %s, revision %s.', p_rule_id, p_revision_no),
            HINT = CASE left(v_problem, 5)
                WHEN 'ZL024' THEN 'Choose an account with ledger.set_account_role.'
                WHEN 'ZL096' THEN 'Mend the rule with ledger.save_posting_rule.'
                ELSE 'An amount has at most 16 digits before the point.'
            END;
    END IF;
    RETURN v_lines;
END;
$$;
COMMENT ON FUNCTION ledger.lines_of_event(events.event_store, uuid, integer) IS
'The lines, resolved, that a revision of a posting rule makes of an event, without those of 0 and '
'those whose condition is false; NULL: none is left. Internal. Raises ZL011 (amount too large), '
'ZL024 (no account has the role), ZL096 (a condition is unknown, an amount missing or negative).';
