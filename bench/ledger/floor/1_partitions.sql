-- Step 1: the columns and indexes of the journal, in partitions with its bounds. As with the twins,
-- domains give way to their base types. Everything belongs to the owner of the product.
CREATE SCHEMA {schema} AUTHORIZATION pgerp_owner;
SET ROLE pgerp_owner;
CREATE SEQUENCE {schema}.entry_numbers;
CREATE TABLE {schema}.entries (
    LIKE ledger.journal_entries INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE
) PARTITION BY RANGE (id);
CREATE TABLE {schema}.lines (
    LIKE ledger.journal_lines INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE
) PARTITION BY RANGE (entry_id);
DO $do$
DECLARE
    v_it record;
BEGIN
    FOR v_it IN
        SELECT
            a.attrelid::regclass AS relation,
            a.attname AS name,
            format_type(t.typbasetype, t.typtypmod) AS base_type
        FROM pg_attribute AS a
        INNER JOIN pg_type AS t ON t.oid = a.atttypid AND t.typtype = 'd'
        INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'p'
        WHERE c.relnamespace = '{schema}'::regnamespace AND a.attnum > 0
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I TYPE %s', v_it.relation, v_it.name, v_it.base_type
        );
    END LOOP;
    FOR v_it IN
        SELECT
            t.twin,
            t.twin || substr(c.relname, length(t.journal) + 1) AS name,
            pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM (VALUES ('journal_entries', 'entries'), ('journal_lines', 'lines'))
            AS t (journal, twin)
        INNER JOIN pg_inherits AS i ON i.inhparent = format('ledger.%I', t.journal)::regclass
        INNER JOIN pg_class AS c ON c.oid = i.inhrelid
    LOOP
        EXECUTE format(
            'CREATE TABLE {schema}.%I PARTITION OF {schema}.%I %s', v_it.name, v_it.twin, v_it.bound
        );
    END LOOP;
END;
$do$;
GRANT USAGE ON SCHEMA {schema} TO pgerp_bench;
GRANT SELECT, INSERT ON {schema}.entries, {schema}.lines TO pgerp_bench;
GRANT USAGE ON SEQUENCE {schema}.entry_numbers TO pgerp_bench;
RESET ROLE;
