CREATE OR REPLACE VIEW ledger.posting_rule_details WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.id AS rule_id,
    r.business_id,
    b.code::text AS business_code,
    r.event_type::text AS event_type,
    v.revision_no,
    v.revision_no = r.current_revision AS is_current,
    r.is_active,
    v.name::text AS name,
    v.description::text AS description,
    v.reference::text AS reference,
    v.date_path::text AS date_path,
    v.currency_path::text AS currency_path,
    l.line_no::integer AS line_no,
    l.side::text AS side,
    a.code::text AS account_code,
    l.role::text AS role,
    l.amount_path::text AS amount_path,
    l.condition,
    l.description::text AS line_description,
    l.counterparty::text AS counterparty,
    l.department_code::text AS department_code,
    l.due_date_path::text AS due_date_path,
    v.created_at,
    v.created_by,
    n.created_at AS replaced_at
FROM ledger.posting_rules AS r
INNER JOIN ledger.posting_rule_revisions AS v
    ON r.tenant_id = v.tenant_id AND r.id = v.rule_id AND r.current_revision >= v.revision_no
INNER JOIN ledger.posting_rule_lines AS l
    ON v.tenant_id = l.tenant_id AND v.rule_id = l.rule_id AND v.revision_no = l.revision_no
LEFT JOIN ledger.posting_rule_revisions AS n
    ON
        v.tenant_id = n.tenant_id
        AND v.rule_id = n.rule_id
        AND v.revision_no + 1 = n.revision_no
        AND r.current_revision >= n.revision_no
LEFT JOIN ledger.accounts AS a ON l.tenant_id = a.tenant_id AND l.account_id = a.id
LEFT JOIN identity.businesses AS b ON r.tenant_id = b.tenant_id AND r.business_id = b.id;
COMMENT ON VIEW ledger.posting_rule_details IS
'Posting rules with their lines, a row for each line of each revision. is_current: the revision '
'whose entries are made now, if is_active; replaced_at: until when it was, NULL for the current '
'one. business_id NULL: for every business that has no rule of its own for the type.';
