CREATE OR REPLACE TRIGGER legal_holds_stamp
BEFORE INSERT OR UPDATE ON audit.legal_holds
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER legal_holds_stamp ON audit.legal_holds IS
'Keeps created_* and last_modified_* true.';
