CREATE OR REPLACE TRIGGER journal_numbers_guard
BEFORE UPDATE OR DELETE ON ledger.journal_numbers
FOR EACH ROW EXECUTE FUNCTION ledger.guard_append_only('ledger.journal_numbers');
COMMENT ON TRIGGER journal_numbers_guard ON ledger.journal_numbers IS
'A number that was given never changes and never goes.';
