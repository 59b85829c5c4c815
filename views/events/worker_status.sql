CREATE OR REPLACE VIEW events.worker_status WITH (security_invoker = true) AS
SELECT
    a.pid,
    a.usename::text AS role_name
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = current_database() AND a.application_name = 'pgerp services worker';
COMMENT ON VIEW events.worker_status IS
'The sessions of pgerp services worker in this database: those alive, by the name that they give '
'themselves. For pgerp_monitor, without a token.';
