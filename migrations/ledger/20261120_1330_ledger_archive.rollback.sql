DO $do$
BEGIN
    IF EXISTS (
        SELECT FROM pg_inherits AS i
        WHERE i.inhparent = 'ledger_archive.journal_entries'::regclass
    ) THEN
        RAISE EXCEPTION 'the archive holds entries'
        USING ERRCODE = 'dependent_objects_still_exist',
            HINT = 'Take each year back first: SELECT ledger.restore_archive(2026).';
    END IF;
END;
$do$;
DROP TABLE ledger.retention_rules;
DROP TABLE ledger_archive.journal_lines;
DROP TABLE ledger_archive.journal_entries;
DROP SCHEMA ledger_archive;
