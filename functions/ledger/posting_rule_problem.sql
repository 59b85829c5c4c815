-- What a revision of a posting rule must be, in one place for saving it and for checking it later.
CREATE OR REPLACE FUNCTION ledger.posting_rule_problem(
    p_rule ledger.posting_rules,
    p_revision_no integer
)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_type events.event_types;
    v_revision ledger.posting_rule_revisions;
    v_date record;
    v_problem text;
BEGIN
    SELECT t.* INTO STRICT v_type
    FROM events.event_types AS t
    WHERE t.code = p_rule.event_type;
    SELECT v.* INTO v_revision
    FROM ledger.posting_rule_revisions AS v
    WHERE v.tenant_id = p_rule.tenant_id
        AND v.rule_id = p_rule.id
        AND v.revision_no = p_revision_no;
    IF NOT FOUND THEN
        RETURN format('ZL092 there is no revision %s', p_revision_no);
    END IF;
    IF split_part(p_rule.event_type, '.', 1) = 'ledger' THEN
        RETURN 'ZL092 events of the ledger itself are not posted';
    END IF;
    IF v_type.identities @? '$.keyvalue().key ? (@ like_regex "[.]")'
        OR v_type.identities @? '$.*[*] ? (@ like_regex "[.]")'
    THEN
        RETURN 'ZL092 the sums of the type name a property with a point';
    END IF;
    v_date := ledger.payload_property(v_type.payload_schema, v_revision.date_path);
    IF (
        v_date.property ->> 'type' = 'string'
        AND v_date.property ->> 'format' = 'date'
        AND v_date.is_required
    ) IS NOT true THEN
        RETURN format('ZL092 date %s is no required date', v_revision.date_path);
    END IF;
    IF v_revision.currency_path IS NOT NULL AND (
        SELECT p.property ->> 'type' = 'string' AND p.is_required
        FROM ledger.payload_property(v_type.payload_schema, v_revision.currency_path) AS p
    ) IS NOT true THEN
        RETURN format('ZL092 currency %s is no required string', v_revision.currency_path);
    END IF;
    v_problem := coalesce(
        ledger.template_problem(v_type.payload_schema, v_revision.description),
        ledger.template_problem(v_type.payload_schema, v_revision.reference)
    );
    IF v_problem IS NOT NULL THEN
        RETURN 'ZL092 ' || v_problem;
    END IF;
    SELECT format('%s line %s: %s', left(q.problem, 5), q.line_no, substr(q.problem, 7))
    INTO v_problem
    FROM (
        SELECT
            l.line_no,
            ledger.posting_line_problem(p_rule, l, v_type.payload_schema) AS problem
        FROM ledger.posting_rule_lines AS l
        WHERE l.tenant_id = p_rule.tenant_id
            AND l.rule_id = p_rule.id
            AND l.revision_no = p_revision_no
    ) AS q
    WHERE q.problem IS NOT NULL
    ORDER BY q.line_no
    LIMIT 1;
    IF FOUND THEN
        RETURN v_problem;
    END IF;
    IF NOT EXISTS (
        SELECT FROM ledger.posting_rule_lines AS l
        WHERE l.tenant_id = p_rule.tenant_id
            AND l.rule_id = p_rule.id
            AND l.revision_no = p_revision_no
    ) THEN
        RETURN 'ZL092 there is no line';
    END IF;
    RETURN 'ZL093 ' || ledger.posting_rule_remainder(
        p_rule.tenant_id, p_rule.id, p_revision_no, v_type.identities
    );
END;
$$;
COMMENT ON FUNCTION ledger.posting_rule_problem(ledger.posting_rules, integer) IS
'SQLSTATE and text of why a revision of a posting rule cannot be in force, given what its type of '
'event is now; NULL: it can, and then makes an entry that balances of every payload of the type. '
'ZL092 (something that it names is not in the payload, or not of the kind that is needed), ZL093 '
'(it does not balance), and what ledger.posting_line_problem says of a line. Internal.';
