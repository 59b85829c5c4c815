-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER loan_fees_guard
BEFORE INSERT OR UPDATE OR DELETE ON lending.loan_fees
FOR EACH ROW EXECUTE FUNCTION lending.guard_loan_fee();
COMMENT ON TRIGGER loan_fees_guard ON lending.loan_fees IS
'What a loan costs is decided with it.';

CREATE OR REPLACE TRIGGER loan_fees_stamp
BEFORE INSERT OR UPDATE ON lending.loan_fees
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER loan_fees_stamp ON lending.loan_fees IS
'Keeps created_* and last_modified_* true.';
