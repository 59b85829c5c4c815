-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER payroll_records_guard
BEFORE INSERT OR UPDATE OR DELETE ON payroll.payroll_records
FOR EACH ROW EXECUTE FUNCTION payroll.guard_record();
COMMENT ON TRIGGER payroll_records_guard ON payroll.payroll_records IS
'What was sent to the books stays as it was sent.';

CREATE OR REPLACE TRIGGER payroll_records_stamp
BEFORE INSERT OR UPDATE ON payroll.payroll_records
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER payroll_records_stamp ON payroll.payroll_records IS
'Keeps created_* and last_modified_* true.';
