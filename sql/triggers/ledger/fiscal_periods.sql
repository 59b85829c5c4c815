CREATE OR REPLACE TRIGGER fiscal_periods_stamp
BEFORE INSERT OR UPDATE ON ledger.fiscal_periods
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER fiscal_periods_stamp ON ledger.fiscal_periods IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER fiscal_periods_guard
BEFORE INSERT OR UPDATE ON ledger.fiscal_periods
FOR EACH ROW EXECUTE FUNCTION ledger.guard_fiscal_period();
COMMENT ON TRIGGER fiscal_periods_guard ON ledger.fiscal_periods IS
'Periods never overlap; closing waits for those who are posting.';
