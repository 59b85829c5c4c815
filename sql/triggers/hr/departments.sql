CREATE OR REPLACE TRIGGER departments_stamp
BEFORE INSERT OR UPDATE ON hr.departments
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER departments_stamp ON hr.departments IS
'Keeps created_* and last_modified_* true.';
