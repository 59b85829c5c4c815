CREATE OR REPLACE TRIGGER user_businesses_stamp
BEFORE INSERT OR UPDATE ON identity.user_businesses
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER user_businesses_stamp ON identity.user_businesses IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER user_businesses_rights
AFTER INSERT OR UPDATE ON identity.user_businesses
FOR EACH ROW EXECUTE FUNCTION identity.follow_grant();
COMMENT ON TRIGGER user_businesses_rights ON identity.user_businesses IS
'Keeps identity.subject_rights equal.';
CREATE OR REPLACE TRIGGER user_businesses_end
AFTER UPDATE OR DELETE ON identity.user_businesses
FOR EACH ROW EXECUTE FUNCTION identity.follow_revocation();
COMMENT ON TRIGGER user_businesses_end ON identity.user_businesses IS
'Keeps identity.subject_rights equal.';
