-- Every active posting rule balances for every payload of its type of event, as the type is now
SELECT
    r.tenant_id,
    r.business_id,
    r.event_type,
    r.current_revision,
    ledger.posting_rule_problem(r, r.current_revision) AS problem
FROM ledger.posting_rules AS r
WHERE
    r.is_active
    AND r.current_revision > 0
    AND ledger.posting_rule_problem(r, r.current_revision) IS NOT NULL;
