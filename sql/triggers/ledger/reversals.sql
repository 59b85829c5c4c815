CREATE OR REPLACE TRIGGER reversals_closing
BEFORE INSERT ON ledger.reversals
FOR EACH ROW EXECUTE FUNCTION ledger.guard_reversal_of_closing();
COMMENT ON TRIGGER reversals_closing ON ledger.reversals IS
'What closed a year is undone by reopening the year.';

CREATE OR REPLACE TRIGGER reversals_guard
BEFORE INSERT OR UPDATE OR DELETE ON ledger.reversals
FOR EACH ROW EXECUTE FUNCTION ledger.guard_reversal();
COMMENT ON TRIGGER reversals_guard ON ledger.reversals IS
'A reversal is the exact opposite of what it reverses, and stays.';

CREATE OR REPLACE TRIGGER reversals_stamp
BEFORE INSERT OR UPDATE ON ledger.reversals
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER reversals_stamp ON ledger.reversals IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER reversals_void
AFTER INSERT ON ledger.reversals
FOR EACH ROW EXECUTE FUNCTION ledger.void_reversed_entry();
COMMENT ON TRIGGER reversals_void ON ledger.reversals IS 'What is reversed becomes VOIDED.';

-- Before reversals_void, by its name: lines of a voided entry are not matched.
CREATE OR REPLACE TRIGGER reversals_settle
AFTER INSERT ON ledger.reversals
FOR EACH ROW EXECUTE FUNCTION ledger.settle_reversal();
COMMENT ON TRIGGER reversals_settle ON ledger.reversals IS
'What is reversed is open no more; what is matched is not reversed.';
