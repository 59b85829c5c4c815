-- What auditors read of the log, and those who dump and watch. After privileges.sql, which takes
-- everything from everybody first.
-- reapply: migrations
-- What the functions rest on is theirs to call, since they run as who calls them.
GRANT SELECT ON
audit.log,
audit.audit_logs,
audit.legal_holds,
audit.redactions,
audit.removals,
audit.seals
TO pgerp_auditor;
GRANT EXECUTE ON FUNCTION
audit.exceptions(),
audit.masked_columns(),
audit.logged_tables(),
audit.table_of(text),
audit.key_of(jsonb, text),
audit.normal_key(text, jsonb),
audit.present_row(text, integer, jsonb),
audit.mask(jsonb, jsonb, text),
audit.changed_columns(jsonb, jsonb),
audit.history(text, jsonb),
audit.as_of(text, jsonb, timestamptz)
TO pgerp_auditor;
-- A dump has the runner's tables too, and those of yoyo, which are in public.
DO $do$
DECLARE
    v_item record;
BEGIN
    FOR v_item IN
        SELECT format(
            'GRANT SELECT ON %s %s TO pgerp_backup',
            CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass
        ) AS command
        FROM pg_class AS c
        WHERE c.relowner = to_regrole('pgerp_owner')
            AND c.relkind IN ('r', 'p', 'S')
            AND c.relnamespace IN (to_regnamespace('pgerp'), to_regnamespace('public'))
    LOOP
        EXECUTE v_item.command;
    END LOOP;
END;
$do$;

-- What views and checks call, for whoever dumps and verifies: it may read all rows without them.
GRANT EXECUTE ON FUNCTION
audit.exceptions(),
audit.masked_columns(),
audit.logged_tables(),
audit.changed_columns(jsonb, jsonb),
ledger.account_tree(),
ledger.account_movements(integer, integer, date, date, uuid, boolean),
ledger.movements_of_days(integer, ledger.day_span[], uuid),
ledger.accounts_below(integer, uuid[]),
ledger.budget_buckets(integer, integer, uuid, ledger.budget_interval),
ledger.budget_actuals(integer, ledger.budget_lines[], date),
ledger.year_result(integer, integer, uuid),
party.search_terms(party.customers),
party.name_words(text)
TO pgerp_backup;

-- The history of migrations, for those who watch it.
GRANT USAGE ON SCHEMA pgerp TO pgerp_monitor, pgerp_readonly, pgerp_auditor, pgerp_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA pgerp TO pgerp_monitor, pgerp_readonly, pgerp_auditor;
