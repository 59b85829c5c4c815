-- Tables with the columns and indexes of the journal, and nothing else: no partitions, foreign
-- keys, checks, domains or triggers. The name of the schema is put in.
CREATE SCHEMA {schema};
CREATE SEQUENCE {schema}.entry_numbers;
CREATE TABLE {schema}.entries (
    LIKE ledger.journal_entries INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE
);
CREATE TABLE {schema}.lines (
    LIKE ledger.journal_lines INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE
);
DO $do$
DECLARE
    v_column record;
BEGIN
    FOR v_column IN
        SELECT
            a.attrelid::regclass AS relation,
            a.attname AS name,
            format_type(t.typbasetype, t.typtypmod) AS base_type
        FROM pg_attribute AS a
        INNER JOIN pg_type AS t ON t.oid = a.atttypid AND t.typtype = 'd'
        INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r'
        WHERE c.relnamespace = '{schema}'::regnamespace AND a.attnum > 0
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ALTER COLUMN %I TYPE %s',
            v_column.relation, v_column.name, v_column.base_type
        );
    END LOOP;
END;
$do$;
GRANT USAGE ON SCHEMA {schema} TO pgerp_bench;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {schema} TO pgerp_bench;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO pgerp_bench;
GRANT EXECUTE ON FUNCTION core.uuid_v7() TO pgerp_bench;
