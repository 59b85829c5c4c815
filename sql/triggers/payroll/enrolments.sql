CREATE OR REPLACE TRIGGER enrolments_stamp
BEFORE INSERT OR UPDATE ON payroll.enrolments
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER enrolments_stamp ON payroll.enrolments IS
'Keeps created_* and last_modified_* true.';
