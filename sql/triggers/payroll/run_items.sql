CREATE OR REPLACE TRIGGER run_items_stamp
BEFORE INSERT OR UPDATE ON payroll.run_items
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER run_items_stamp ON payroll.run_items IS
'Keeps created_* and last_modified_* true.';
