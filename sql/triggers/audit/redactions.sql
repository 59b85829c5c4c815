CREATE OR REPLACE TRIGGER redactions_guard
BEFORE INSERT OR UPDATE OR DELETE ON audit.redactions
FOR EACH ROW EXECUTE FUNCTION audit.guard_redaction();
COMMENT ON TRIGGER redactions_guard ON audit.redactions IS
'Not under a legal hold; and the record stays as it is.';

CREATE OR REPLACE TRIGGER redactions_stamp
BEFORE INSERT OR UPDATE ON audit.redactions
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER redactions_stamp ON audit.redactions IS
'Keeps created_* and last_modified_* true.';
