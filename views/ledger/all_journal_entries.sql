-- The headers of entries, live and archived.
CREATE OR REPLACE VIEW ledger.all_journal_entries
WITH (security_invoker = true) AS
SELECT
    e.tenant_id,
    e.id,
    e.business_id,
    e.period_id,
    e.entry_date,
    e.status,
    e.description,
    e.reference,
    e.posted_at,
    e.created_at,
    e.created_by,
    e.last_modified_at,
    e.last_modified_by,
    e.entry_number,
    e.period_kind,
    e.source_module,
    e.source_id,
    e.void_reason
FROM ledger.journal_entries AS e
UNION ALL
SELECT
    e.tenant_id,
    e.id,
    e.business_id,
    e.period_id,
    e.entry_date,
    e.status,
    e.description,
    e.reference,
    e.posted_at,
    e.created_at,
    e.created_by,
    e.last_modified_at,
    e.last_modified_by,
    e.entry_number,
    e.period_kind,
    e.source_module,
    e.source_id,
    e.void_reason
FROM ledger_archive.journal_entries AS e;
COMMENT ON VIEW ledger.all_journal_entries IS
'The headers of entries: those of ledger.journal_entries and those of '
'ledger_archive.journal_entries. Whatever must not change when a year is archived reads this.';
