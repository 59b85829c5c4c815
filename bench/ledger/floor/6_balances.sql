-- Step 6: balances, spread over stripes, as the product keeps them; post.sql adds to them.
SET ROLE pgerp_owner;
CREATE TABLE {schema}.balances (LIKE ledger.account_balances INCLUDING ALL);
DO $do$
DECLARE
    v_it record;
BEGIN
    FOR v_it IN
        SELECT
            c.conname AS name,
            pg_get_constraintdef(c.oid) AS definition
        FROM pg_constraint AS c
        WHERE c.conrelid = 'ledger.account_balances'::regclass AND c.contype = 'f'
    LOOP
        EXECUTE format(
            'ALTER TABLE {schema}.balances ADD CONSTRAINT %I %s', v_it.name, v_it.definition
        );
    END LOOP;
    EXECUTE (
        SELECT format('ALTER TABLE {schema}.balances SET (%s)', array_to_string(c.reloptions, ', '))
        FROM pg_class AS c
        WHERE c.oid = 'ledger.account_balances'::regclass AND c.reloptions IS NOT NULL
    );
END;
$do$;
SELECT core.secure_table('{schema}.balances');
RESET ROLE;
