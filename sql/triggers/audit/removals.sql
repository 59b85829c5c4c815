CREATE OR REPLACE TRIGGER removals_guard
BEFORE INSERT OR UPDATE OR DELETE ON audit.removals
FOR EACH ROW EXECUTE FUNCTION audit.guard_removal();
COMMENT ON TRIGGER removals_guard ON audit.removals IS
'Not before its time, not under a legal hold; and the record stays as it is.';

CREATE OR REPLACE TRIGGER removals_stamp
BEFORE INSERT OR UPDATE ON audit.removals
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER removals_stamp ON audit.removals IS
'Keeps created_* and last_modified_* true.';
