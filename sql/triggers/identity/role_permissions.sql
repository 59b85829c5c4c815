CREATE OR REPLACE TRIGGER role_permissions_stamp
BEFORE INSERT OR UPDATE ON identity.role_permissions
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER role_permissions_stamp ON identity.role_permissions IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER role_permissions_rights
AFTER INSERT OR UPDATE ON identity.role_permissions
FOR EACH ROW EXECUTE FUNCTION identity.follow_role();
COMMENT ON TRIGGER role_permissions_rights ON identity.role_permissions IS
'Keeps identity.subject_rights equal.';
CREATE OR REPLACE TRIGGER role_permissions_end
AFTER UPDATE OR DELETE ON identity.role_permissions
FOR EACH ROW EXECUTE FUNCTION identity.follow_role_loss();
COMMENT ON TRIGGER role_permissions_end ON identity.role_permissions IS
'Keeps identity.subject_rights equal.';
