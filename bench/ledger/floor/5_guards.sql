-- Step 5: the triggers of the journal with their WHEN clauses, refusing what does not come from the
-- posting function; post.sql has that. One value of pgerp.posting will do for entries and lines,
-- since one statement writes both.
SET ROLE pgerp_owner;
CREATE FUNCTION {schema}.guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.period_id IS NOT NULL
        AND current_setting('pgerp.posting', true) = 'function'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'only the posting function writes here'
    USING ERRCODE = 'ZL006';
END;
$$;
CREATE FUNCTION {schema}.refuse()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'only the posting function writes here'
    USING ERRCODE = 'ZL006';
END;
$$;
DO $do$
DECLARE
    v_it record;
    v_definition text;
BEGIN
    FOR v_it IN
        SELECT
            s.journal,
            s.twin,
            t.tgfoid::regproc AS function,
            pg_get_triggerdef(t.oid) AS definition
        FROM (
            VALUES
            ('ledger.journal_entries'::regclass, '{schema}.entries'::regclass),
            ('ledger.journal_lines', '{schema}.lines')
        ) AS s (journal, twin)
        INNER JOIN pg_trigger AS t ON t.tgrelid = s.journal AND NOT t.tgisinternal
    LOOP
        v_definition := replace(v_it.definition, ' ON ' || v_it.journal, ' ON ' || v_it.twin);
        v_definition := replace(v_definition, '''proved''', '''function''');
        EXECUTE regexp_replace(
            v_definition,
            'EXECUTE FUNCTION .*$',
            'EXECUTE FUNCTION {schema}.' || CASE
                WHEN v_it.function = 'ledger.prepare_journal_entry'::regproc THEN 'guard()'
                ELSE 'refuse()'
            END
        );
    END LOOP;
END;
$do$;
DROP FUNCTION {schema}.post(integer, integer, uuid, date, text, uuid, uuid, numeric);
RESET ROLE;
