-- without: finance
CREATE OR REPLACE TRIGGER accounts_emit
AFTER INSERT ON ledger.accounts
FOR EACH ROW EXECUTE FUNCTION ledger.emit_account();
COMMENT ON TRIGGER accounts_emit ON ledger.accounts IS
'Finance, in another database, knows the accounts.';

CREATE OR REPLACE TRIGGER accounts_emit_change
AFTER UPDATE ON ledger.accounts
FOR EACH ROW WHEN (
    (NEW.business_id, NEW.code, NEW.name, NEW.type_code)
    IS DISTINCT FROM (OLD.business_id, OLD.code, OLD.name, OLD.type_code)
)
EXECUTE FUNCTION ledger.emit_account();
COMMENT ON TRIGGER accounts_emit_change ON ledger.accounts IS
'Finance, in another database, knows what became of an account.';
