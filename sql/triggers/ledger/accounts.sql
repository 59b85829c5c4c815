CREATE OR REPLACE TRIGGER accounts_stamp
BEFORE INSERT OR UPDATE ON ledger.accounts
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER accounts_stamp ON ledger.accounts IS 'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER accounts_guard
BEFORE INSERT OR UPDATE ON ledger.accounts
FOR EACH ROW EXECUTE FUNCTION ledger.guard_account();
COMMENT ON TRIGGER accounts_guard ON ledger.accounts IS
'No loops in the tree; business, type and currency are fixed once there are lines.';

CREATE OR REPLACE TRIGGER accounts_watch
BEFORE INSERT OR UPDATE ON ledger.accounts
FOR EACH ROW EXECUTE FUNCTION ledger.watch_account();
COMMENT ON TRIGGER accounts_watch ON ledger.accounts IS
'Keeps is_watched true: limits, versions and budgets of the account are heeded.';

CREATE OR REPLACE TRIGGER accounts_heads
AFTER UPDATE ON ledger.accounts
FOR EACH ROW WHEN (
    (NEW.minimum_balance, NEW.credit_limit, NEW.keeps_version)
    IS DISTINCT FROM (OLD.minimum_balance, OLD.credit_limit, OLD.keeps_version)
)
EXECUTE FUNCTION ledger.make_heads();
COMMENT ON TRIGGER accounts_heads ON ledger.accounts IS
'What is in the books keeps to the limits from the start.';

CREATE OR REPLACE TRIGGER accounts_move
AFTER UPDATE OF parent_id ON ledger.accounts
FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id)
EXECUTE FUNCTION ledger.watch_moved_account();
COMMENT ON TRIGGER accounts_move ON ledger.accounts IS
'An account that moves in the chart comes under other budgets.';
