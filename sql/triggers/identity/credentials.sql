CREATE OR REPLACE TRIGGER credentials_stamp
BEFORE INSERT OR UPDATE ON identity.credentials
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER credentials_stamp ON identity.credentials IS
'Keeps created_* and last_modified_* true.';
