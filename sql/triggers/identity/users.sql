CREATE OR REPLACE TRIGGER users_stamp
BEFORE INSERT OR UPDATE ON identity.users
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER users_stamp ON identity.users IS 'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER users_rights
AFTER INSERT OR UPDATE ON identity.users
FOR EACH ROW EXECUTE FUNCTION identity.follow_user();
COMMENT ON TRIGGER users_rights ON identity.users IS
'Keeps identity.subject_rights equal.';
CREATE OR REPLACE TRIGGER users_end
AFTER DELETE ON identity.users
FOR EACH ROW EXECUTE FUNCTION identity.follow_deleted_user();
COMMENT ON TRIGGER users_end ON identity.users IS
'Ends the tokens of the user.';
