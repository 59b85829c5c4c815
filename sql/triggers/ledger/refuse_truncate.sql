-- reapply: migrations
-- Truncating is refused on the table and on each partition: statement triggers are not inherited.
DO $do$
DECLARE
    v_table record;
BEGIN
    FOR v_table IN
        SELECT t.relid::regclass::text AS name
        FROM pg_partition_tree('ledger.journal_entries') AS t
        UNION ALL
        SELECT t.relid::regclass::text
        FROM pg_partition_tree('ledger.journal_lines') AS t
        UNION ALL
        SELECT 'ledger.account_balances'
        UNION ALL
        SELECT 'ledger.reversals'
        UNION ALL
        SELECT 'ledger.account_heads'
        UNION ALL
        SELECT 'ledger.holds'
        UNION ALL
        SELECT 'ledger.held_amounts'
        UNION ALL
        SELECT 'ledger.exchange_rates'
        UNION ALL
        SELECT 'ledger.matches'
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_truncate(%L)',
            v_table.name, v_table.name
        );
        EXECUTE format(
            'COMMENT ON TRIGGER refuse_truncate ON %s IS %L',
            v_table.name, 'The books are never emptied.'
        );
    END LOOP;
END;
$do$;
