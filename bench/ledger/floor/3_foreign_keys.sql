-- Step 3: the foreign keys of the journal, to the real periods, accounts and currencies, and from
-- the lines to the entries of this schema.
SET ROLE pgerp_owner;
DO $do$
DECLARE
    v_it record;
BEGIN
    FOR v_it IN
        SELECT
            s.twin,
            c.conname AS name,
            replace(
                pg_get_constraintdef(c.oid), 'REFERENCES ledger.journal_entries(',
                'REFERENCES {schema}.entries('
            ) AS definition
        FROM (
            VALUES
            ('ledger.journal_entries'::regclass, '{schema}.entries'::regclass),
            ('ledger.journal_lines', '{schema}.lines')
        ) AS s (journal, twin)
        -- Those to each partition of the entries come by themselves.
        INNER JOIN pg_constraint AS c
            ON c.conrelid = s.journal AND c.contype = 'f' AND c.conparentid = 0
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I %s', v_it.twin, v_it.name, v_it.definition
        );
    END LOOP;
END;
$do$;
RESET ROLE;
