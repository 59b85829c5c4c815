-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER posting_rules_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.posting_rules
FOR EACH ROW EXECUTE FUNCTION ledger.guard_posting_rule();
COMMENT ON TRIGGER posting_rules_guard ON ledger.posting_rules IS
'Revisions come into force in turn and when they are sound; what they were made for is fixed.';

CREATE OR REPLACE TRIGGER posting_rules_stamp
BEFORE INSERT OR UPDATE ON ledger.posting_rules
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER posting_rules_stamp ON ledger.posting_rules IS
'Keeps created_* and last_modified_* true.';
