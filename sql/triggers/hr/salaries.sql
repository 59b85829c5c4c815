-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER salaries_guard
BEFORE INSERT OR UPDATE OR DELETE ON hr.salaries
FOR EACH ROW EXECUTE FUNCTION hr.guard_salary();
COMMENT ON TRIGGER salaries_guard ON hr.salaries IS
'Salaries are of the time of employment, and stay on record.';

CREATE OR REPLACE TRIGGER salaries_stamp
BEFORE INSERT OR UPDATE ON hr.salaries
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER salaries_stamp ON hr.salaries IS 'Keeps created_* and last_modified_* true.';
