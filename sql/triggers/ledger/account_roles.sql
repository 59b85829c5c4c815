CREATE OR REPLACE TRIGGER account_roles_stamp
BEFORE INSERT OR UPDATE ON ledger.account_roles
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER account_roles_stamp ON ledger.account_roles IS
'Keeps created_* and last_modified_* true.';
