-- Accounts with a limit or a version are watched
SELECT
    a.tenant_id,
    a.code AS account_code,
    a.minimum_balance,
    a.credit_limit,
    a.keeps_version
FROM ledger.accounts AS a
WHERE
    NOT a.is_watched
    AND (num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version);
