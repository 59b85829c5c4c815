-- Which service may call and read which modules: the one place that says so.
CREATE OR REPLACE FUNCTION core.services()
RETURNS TABLE (service text, module text, writes text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    -- What all services share.
    (NULL, 'core', '.'),
    (NULL, 'identity', '.'),
    (NULL, 'audit', '.'),
    (NULL, 'events', '.'),
    (NULL, 'ops', '.'),
    (NULL, 'party', '.'),
    (NULL, 'messaging', '.'),
    ('employee', 'hr', '.'),
    ('payroll', 'payroll', '.'),
    ('accounting', 'ledger', '.'),
    ('billing', 'billing', '.'),
    ('procurement', 'procurement', '.'),
    ('inventory', 'inventory', '.'),
    ('supply_chain', 'supply_chain', '.'),
    ('finance', 'finance', '.'),
    ('lending', 'lending', '.'),
    -- Where both share a database, finance reads the books and keeps budgets, but posts nothing.
    ('finance', 'ledger', '_budget(_policy)?$')
$$;
COMMENT ON FUNCTION core.services() IS
'The modules of each service (NULL: of all). Of them it reads what pgerp_app reads, and calls the '
'functions of pgerp_app that do not write, or whose name matches writes, a regular expression. '
'core.grant_services gives that to the roles pgerp_service_<service> (NULL: pgerp_service), '
'which sql/roles.sql makes. Modules that are not installed do no harm.';
