CREATE OR REPLACE TRIGGER roles_stamp
BEFORE INSERT OR UPDATE ON identity.roles
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER roles_stamp ON identity.roles IS
'Keeps created_* and last_modified_* true.';
