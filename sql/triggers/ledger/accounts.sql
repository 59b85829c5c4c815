CREATE OR REPLACE TRIGGER accounts_stamp
BEFORE INSERT OR UPDATE ON ledger.accounts
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER accounts_stamp ON ledger.accounts IS 'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER accounts_guard
BEFORE INSERT OR UPDATE ON ledger.accounts
FOR EACH ROW EXECUTE FUNCTION ledger.guard_account();
COMMENT ON TRIGGER accounts_guard ON ledger.accounts IS
'No loops in the tree; business, type and currency are fixed once there are lines.';
