CREATE OR REPLACE TRIGGER holds_stamp
BEFORE INSERT OR UPDATE ON ledger.holds
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER holds_stamp ON ledger.holds IS 'Keeps created_* and last_modified_* true.';
