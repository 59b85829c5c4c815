-- Step 2: the domains of the journal's columns, and its CHECK constraints.
SET ROLE pgerp_owner;
DO $do$
DECLARE
    v_it record;
BEGIN
    FOR v_it IN
        SELECT
            s.twin,
            a.attname AS name,
            a.atttypid::regtype AS domain
        FROM (
            VALUES
            ('ledger.journal_entries'::regclass, '{schema}.entries'::regclass),
            ('ledger.journal_lines', '{schema}.lines')
        ) AS s (journal, twin)
        INNER JOIN pg_attribute AS a ON a.attrelid = s.journal AND a.attnum > 0
        INNER JOIN pg_type AS t ON t.oid = a.atttypid AND t.typtype = 'd'
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I TYPE %s', v_it.twin, v_it.name, v_it.domain
        );
    END LOOP;
    FOR v_it IN
        SELECT
            s.twin,
            c.conname AS name,
            pg_get_constraintdef(c.oid) AS definition
        FROM (
            VALUES
            ('ledger.journal_entries'::regclass, '{schema}.entries'::regclass),
            ('ledger.journal_lines', '{schema}.lines')
        ) AS s (journal, twin)
        INNER JOIN pg_constraint AS c ON c.conrelid = s.journal AND c.contype = 'c'
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I %s', v_it.twin, v_it.name, v_it.definition
        );
    END LOOP;
END;
$do$;
RESET ROLE;
