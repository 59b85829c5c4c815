-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER runs_guard
BEFORE INSERT OR UPDATE ON payroll.runs
FOR EACH ROW EXECUTE FUNCTION payroll.guard_run();
COMMENT ON TRIGGER runs_guard ON payroll.runs IS
'A run is calculated, approved, processed and paid in this order.';

CREATE OR REPLACE TRIGGER runs_stamp
BEFORE INSERT OR UPDATE ON payroll.runs
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER runs_stamp ON payroll.runs IS 'Keeps created_* and last_modified_* true.';
