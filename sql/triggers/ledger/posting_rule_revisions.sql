CREATE OR REPLACE TRIGGER posting_rule_revisions_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.posting_rule_revisions
FOR EACH ROW EXECUTE FUNCTION ledger.guard_posting_rule_revision();
COMMENT ON TRIGGER posting_rule_revisions_guard ON ledger.posting_rule_revisions IS
'What is or was in force never changes.';

CREATE OR REPLACE TRIGGER posting_rule_revisions_stamp
BEFORE INSERT OR UPDATE ON ledger.posting_rule_revisions
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER posting_rule_revisions_stamp ON ledger.posting_rule_revisions IS
'Keeps created_* and last_modified_* true.';
