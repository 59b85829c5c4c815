-- Every table with a tenant has row security enabled, forced, and both its policies
SELECT
    c.oid::regclass::text AS table_name,
    c.relrowsecurity AS is_enabled,
    c.relforcerowsecurity AS is_forced,
    count(p.oid) AS policies
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_attribute AS a ON c.oid = a.attrelid
LEFT JOIN pg_catalog.pg_policy AS p ON c.oid = p.polrelid
WHERE
    c.relkind IN ('r', 'p')
    AND c.relowner = to_regrole('pgerp_owner')
    AND a.attname = 'tenant_id'
    AND NOT a.attisdropped
GROUP BY c.oid, c.relrowsecurity, c.relforcerowsecurity
HAVING NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR count(p.oid) < 2;
