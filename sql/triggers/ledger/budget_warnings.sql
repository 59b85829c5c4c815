CREATE OR REPLACE TRIGGER budget_warnings_guard
BEFORE UPDATE OR DELETE ON ledger.budget_warnings
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change('ledger.budget_warnings');
COMMENT ON TRIGGER budget_warnings_guard ON ledger.budget_warnings IS 'Warnings never change.';

CREATE OR REPLACE TRIGGER budget_warnings_stamp
BEFORE INSERT OR UPDATE ON ledger.budget_warnings
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER budget_warnings_stamp ON ledger.budget_warnings IS
'Keeps created_* and last_modified_* true.';
