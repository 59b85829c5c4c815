CREATE OR REPLACE TRIGGER calendars_stamp
BEFORE INSERT OR UPDATE ON payroll.calendars
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER calendars_stamp ON payroll.calendars IS
'Keeps created_* and last_modified_* true.';
