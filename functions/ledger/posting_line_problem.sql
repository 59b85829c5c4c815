-- What is wrong with one line of a posting rule.
CREATE OR REPLACE FUNCTION ledger.posting_line_problem(
    p_rule ledger.posting_rules,
    p_line ledger.posting_rule_lines,
    p_schema jsonb
)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_amount record;
    v_problem text;
BEGIN
    v_amount := ledger.payload_property(p_schema, p_line.amount_path);
    IF (
        v_amount.property ->> 'type' = 'number'
        AND v_amount.is_required
        AND v_amount.property @? '$ ? (@.minimum >= 0 || @.exclusiveMinimum >= 0)'
        AND scale(trim_scale((v_amount.property ->> 'multipleOf')::numeric)) <= 4
    ) IS NOT true THEN
        RETURN format(
            'ZL092 amount %s is no required number with a minimum of 0 or more and a multipleOf '
            'of 0.0001 or coarser', p_line.amount_path
        );
    END IF;
    v_problem := coalesce(
        ledger.condition_problem(p_schema, p_line.condition),
        ledger.template_problem(p_schema, p_line.description),
        ledger.template_problem(p_schema, p_line.counterparty),
        ledger.template_problem(p_schema, p_line.department_code)
    );
    IF v_problem IS NOT NULL THEN
        RETURN 'ZL092 ' || v_problem;
    END IF;
    IF (
        SELECT p.property ->> 'type' = 'string' AND p.property ->> 'format' = 'date'
        FROM ledger.payload_property(p_schema, p_line.due_date_path) AS p
    ) IS NOT true AND p_line.due_date_path IS NOT NULL THEN
        RETURN format('ZL092 due date %s is no date of the payload', p_line.due_date_path);
    END IF;
    IF p_line.account_id IS NULL AND NOT EXISTS (
        SELECT FROM ledger.account_roles AS r
        WHERE r.tenant_id = p_rule.tenant_id
            AND r.role = p_line.role
            AND (
                p_rule.business_id IS NULL
                OR r.business_id IS NULL
                OR r.business_id = p_rule.business_id
            )
    ) THEN
        RETURN format('ZL024 no account has the role %s', p_line.role);
    END IF;
    SELECT coalesce(q.sqlstate || ' ' || q.problem, CASE
        WHEN p_rule.business_id IS NULL AND a.business_id IS NOT NULL
            THEN format('ZL012 account %s belongs to one business, the rule to all', a.code)
    END)
    INTO v_problem
    FROM ledger.accounts AS a
    LEFT JOIN identity.businesses AS b
        ON b.tenant_id = p_rule.tenant_id AND b.id = p_rule.business_id
    CROSS JOIN LATERAL ledger.account_problem(
        a, p_rule.business_id, b.currency_code, split_part(p_rule.event_type, '.', 1)
    ) AS q
    WHERE a.tenant_id = p_rule.tenant_id AND a.id = p_line.account_id;
    RETURN v_problem;
END;
$$;
COMMENT ON FUNCTION ledger.posting_line_problem(
    ledger.posting_rules, ledger.posting_rule_lines, jsonb
) IS
'SQLSTATE and text of what is wrong with a line of a posting rule, by the JSON Schema of the '
'payload; NULL: nothing. ZL092 (amount, condition, template or due date), ZL024 (no account has '
'the role, for any business of the rule), ZL009, ZL010, ZL012, ZL014, ZL021 (account). Internal.';
