-- The version of an account rose by one at least with each line posted since it has been kept
SELECT
    h.tenant_id,
    a.code AS account_code,
    h.business_id,
    h.first_version,
    h.version,
    count(*) AS lines
FROM ledger.account_heads AS h
INNER JOIN ledger.accounts AS a ON h.tenant_id = a.tenant_id AND h.account_id = a.id
INNER JOIN ledger.all_journal_lines AS l
    ON
        h.tenant_id = l.tenant_id
        AND h.account_id = l.account_id
        AND h.business_id = l.business_id
INNER JOIN ledger.all_journal_entries AS e
    ON l.tenant_id = e.tenant_id AND l.entry_id = e.id AND h.kept_since < e.posted_at
WHERE num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version
GROUP BY h.tenant_id, a.code, h.business_id, h.first_version, h.version
HAVING h.version < h.first_version + count(*);
