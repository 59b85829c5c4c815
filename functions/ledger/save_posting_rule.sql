-- Say which entry the ledger makes of the events of a type.
CREATE OR REPLACE FUNCTION ledger.save_posting_rule(
    p_rule jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_rule ledger.posting_rules;
    v_revision_no integer;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_posting_rules');
    IF (
        jsonb_typeof(p_rule) = 'object'
        AND p_rule - ARRAY[
            'event_type', 'business', 'name', 'description', 'date', 'reference', 'currency',
            'lines', 'revision'
        ] = '{}'
        AND NOT (p_rule - ARRAY['lines', 'revision'])
            @? 'strict $.* ? (@.type() != "string" && @.type() != "null")'
        AND coalesce(jsonb_typeof(p_rule -> 'revision'), 'null') IN ('number', 'null')
    ) IS NOT true THEN
        RAISE EXCEPTION 'the posting rule is malformed'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of the function for its shape.';
    END IF;
    v_business := ledger.business_of_rule(p_tenant_id, p_rule ->> 'business');
    IF NOT EXISTS (SELECT FROM events.event_types AS t WHERE t.code = p_rule ->> 'event_type') THEN
        RAISE EXCEPTION 'no such type of event: %', coalesce(p_rule ->> 'event_type', 'NULL')
        USING ERRCODE = 'ZE001',
            HINT = 'See events.event_types.';
    END IF;
    INSERT INTO ledger.posting_rules (tenant_id, business_id, event_type)
    VALUES (p_tenant_id, v_business.id, p_rule ->> 'event_type')
    ON CONFLICT (tenant_id, event_type, business_id) DO NOTHING;
    SELECT r.* INTO STRICT v_rule
    FROM ledger.posting_rules AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.event_type = p_rule ->> 'event_type'
        AND r.business_id IS NOT DISTINCT FROM v_business.id
    FOR NO KEY UPDATE;
    IF (p_rule ->> 'revision')::numeric <> v_rule.current_revision THEN
        RAISE EXCEPTION 'the posting rule of % was changed meanwhile', v_rule.event_type
        USING ERRCODE = 'ZK001',
            DETAIL = format(
                'Revision %s is in force, the change is of revision %s.',
                v_rule.current_revision, p_rule ->> 'revision'
            ),
            HINT = 'Read it again, and decide again.';
    END IF;
    v_revision_no := v_rule.current_revision + 1;
    INSERT INTO ledger.posting_rule_revisions (
        tenant_id, rule_id, revision_no, name, description, reference, date_path, currency_path
    )
    VALUES (
        p_tenant_id, v_rule.id, v_revision_no, p_rule ->> 'name', p_rule ->> 'description',
        p_rule ->> 'reference', p_rule ->> 'date', p_rule ->> 'currency'
    );
    INSERT INTO ledger.posting_rule_lines (
        tenant_id, rule_id, revision_no, line_no, side, account_id, role, amount_path, condition,
        description, counterparty, department_code, due_date_path
    )
    SELECT
        l.tenant_id,
        v_rule.id,
        v_revision_no,
        l.line_no,
        l.side,
        l.account_id,
        l.role,
        l.amount_path,
        l.condition,
        l.description,
        l.counterparty,
        l.department_code,
        l.due_date_path
    FROM unnest(ledger.parse_posting_rule_lines(p_tenant_id, p_rule -> 'lines')) AS l;
    -- ledger.guard_posting_rule says what is wrong with it.
    UPDATE ledger.posting_rules AS r
    SET current_revision = v_revision_no
    WHERE r.tenant_id = p_tenant_id AND r.id = v_rule.id;
    RETURN v_rule.id;
END;
$$;
COMMENT ON FUNCTION ledger.save_posting_rule(jsonb, integer) IS
'Makes a posting rule, or the next revision of the one that the type of event and business have, '
'and returns its id. p_rule: {"event_type": "payroll.record_processed", "business": "WATER" '
'(without: all), "name": "Payroll", "description": "Payroll {period_code}", "reference": '
'"{record_no}", "date": "pay_date", "currency": "currency", "revision": 3, "lines": [{"side": '
'"debit", "role": "salaries_expense" (or "account": "5210"), "amount": "gross", "when": "$.gross '
'> 0", "description": "…", "counterparty": "{employee_no}", "department": "…", "due_date": '
'"…"}]}. date, amount, currency and due_date name a property of the payload, {…} stands for one; '
'the currency must be the functional one when an event is posted; revision, if given, is the one '
'that is in force, 0: none. A rule is kept only if it balances for every payload of the type. A '
'new rule is active; a new revision leaves that as it is. Raises ZI001 to ZI007, ZI009 to ZI011 '
'(token, business), ZE001 (no such type), ZK001 (another revision is in force), ZL007, ZL009, '
'ZL010, ZL012, ZL014, ZL021 (account), ZL015 (shape), ZL024 (role), ZL092 (property, condition, '
'template), ZL093 (does not balance), 23502, 23514 (name or text missing or malformed).';
