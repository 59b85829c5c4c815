CREATE OR REPLACE TRIGGER users_stamp
BEFORE INSERT OR UPDATE ON identity.users
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER users_stamp ON identity.users IS 'Keeps created_* and last_modified_* true.';
