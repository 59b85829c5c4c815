-- The names order the triggers of one event: guard, stamp, status.
CREATE OR REPLACE TRIGGER fiscal_periods_stamp
BEFORE INSERT OR UPDATE ON ledger.fiscal_periods
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER fiscal_periods_stamp ON ledger.fiscal_periods IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER fiscal_periods_guard
BEFORE INSERT OR UPDATE ON ledger.fiscal_periods
FOR EACH ROW EXECUTE FUNCTION ledger.guard_fiscal_period();
COMMENT ON TRIGGER fiscal_periods_guard ON ledger.fiscal_periods IS
'Regular periods never overlap; closing waits for those who are posting.';

CREATE OR REPLACE TRIGGER fiscal_periods_status
BEFORE INSERT OR UPDATE ON ledger.fiscal_periods
FOR EACH ROW EXECUTE FUNCTION ledger.guard_period_status();
COMMENT ON TRIGGER fiscal_periods_status ON ledger.fiscal_periods IS
'A year that is closed is carried forward, and all of it is closed; reopening has a reason.';

CREATE OR REPLACE TRIGGER fiscal_periods_log
AFTER INSERT OR UPDATE ON ledger.fiscal_periods
FOR EACH ROW EXECUTE FUNCTION ledger.log_period_change();
COMMENT ON TRIGGER fiscal_periods_log ON ledger.fiscal_periods IS
'Every change of status is on record.';
