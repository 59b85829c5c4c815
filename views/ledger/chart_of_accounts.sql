-- requires: ledger.account_tree
CREATE OR REPLACE VIEW ledger.chart_of_accounts WITH (security_invoker = true) AS
SELECT
    a.tenant_id,
    a.id AS account_id,
    a.code::text AS account_code,
    a.name::text AS account_name,
    a.type_code AS account_type,
    n.level,
    array_to_string(n.path, ' / ') AS path,
    n.path AS path_codes,
    p.code::text AS parent_code,
    b.code::text AS business_code,
    CASE t.normal_side WHEN 1 THEN 'debit' ELSE 'credit' END AS normal_balance,
    t.statement,
    a.currency_code::text AS currency_code,
    a.is_postable,
    a.is_active,
    a.control_module,
    a.cash_flow_activity,
    a.created_at,
    a.created_by,
    a.last_modified_at,
    a.last_modified_by,
    a.last_modified_at AS updated_at
FROM ledger.account_tree() AS n
INNER JOIN ledger.accounts AS a ON n.tenant_id = a.tenant_id AND n.account_id = a.id
INNER JOIN ledger.account_types AS t ON a.type_code = t.code
LEFT JOIN ledger.accounts AS p ON a.tenant_id = p.tenant_id AND a.parent_id = p.id
LEFT JOIN identity.businesses AS b ON a.tenant_id = b.tenant_id AND a.business_id = b.id;
COMMENT ON VIEW ledger.chart_of_accounts IS
'The chart of accounts with each account''s place in the tree: level (1: a root), path (codes from '
'the root, also as an array to order by), parent; business NULL: shared by all.';
