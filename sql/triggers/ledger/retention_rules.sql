CREATE OR REPLACE TRIGGER retention_rules_stamp
BEFORE INSERT OR UPDATE ON ledger.retention_rules
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER retention_rules_stamp ON ledger.retention_rules IS
'Keeps created_* and last_modified_* true.';
