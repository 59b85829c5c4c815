-- The repeatables make it anew, as it was.
DROP FUNCTION IF EXISTS ledger.insert_entry(
    integer, integer, date, text, text, ledger.new_line[], text, text, text, text, uuid, boolean
);
DELETE FROM identity.permissions AS p
WHERE p.code = 'ledger.manage_posting_rules';
DROP INDEX events.processed_events_entry_idx;
DROP TABLE ledger.reference_posting_rules;
DROP TABLE ledger.posting_rule_lines;
DROP TABLE ledger.posting_rule_revisions;
DROP TABLE ledger.posting_rules;
DROP TYPE ledger.posting_side;
DROP DOMAIN ledger.template;
DROP DOMAIN ledger.payload_path;
