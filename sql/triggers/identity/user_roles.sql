CREATE OR REPLACE TRIGGER user_roles_stamp
BEFORE INSERT OR UPDATE ON identity.user_roles
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER user_roles_stamp ON identity.user_roles IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER user_roles_rights
AFTER INSERT OR UPDATE ON identity.user_roles
FOR EACH ROW EXECUTE FUNCTION identity.follow_grant();
COMMENT ON TRIGGER user_roles_rights ON identity.user_roles IS
'Keeps identity.subject_rights equal.';
CREATE OR REPLACE TRIGGER user_roles_end
AFTER UPDATE OR DELETE ON identity.user_roles
FOR EACH ROW EXECUTE FUNCTION identity.follow_revocation();
COMMENT ON TRIGGER user_roles_end ON identity.user_roles IS
'Keeps identity.subject_rights equal.';
