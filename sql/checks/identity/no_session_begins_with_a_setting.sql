-- No role or database begins its sessions with a setting of pgerp, which all who connect can read
SELECT
    coalesce(nullif(s.setrole, 0)::regrole::text, 'all roles') AS role,
    coalesce(d.datname, 'all databases') AS database,
    split_part(c.setting, '=', 1) AS setting
FROM pg_catalog.pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
LEFT JOIN pg_catalog.pg_database AS d ON s.setdatabase = d.oid
WHERE
    c.setting LIKE 'pgerp.%'
    AND (s.setdatabase = 0 OR d.datname = current_database());
