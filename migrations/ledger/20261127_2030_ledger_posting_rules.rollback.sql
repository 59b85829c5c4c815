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
