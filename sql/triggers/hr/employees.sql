-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER employees_guard
BEFORE UPDATE OR DELETE ON hr.employees
FOR EACH ROW EXECUTE FUNCTION hr.guard_employee();
COMMENT ON TRIGGER employees_guard ON hr.employees IS
'The end is final, time goes on, and the number stays.';

CREATE OR REPLACE TRIGGER employees_stamp
BEFORE INSERT OR UPDATE ON hr.employees
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER employees_stamp ON hr.employees IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER employees_version
BEFORE INSERT OR UPDATE ON hr.employees
FOR EACH ROW EXECUTE FUNCTION core.guard_version('hr.employees');
COMMENT ON TRIGGER employees_version ON hr.employees IS
'Refuses an update of a version that is not the present one.';

CREATE OR REPLACE TRIGGER employees_log
AFTER INSERT ON hr.employees
FOR EACH ROW EXECUTE FUNCTION hr.log_employee();
COMMENT ON TRIGGER employees_log ON hr.employees IS 'The hiring goes to hr.employee_history.';

CREATE OR REPLACE TRIGGER employees_log_change
AFTER UPDATE ON hr.employees
FOR EACH ROW WHEN (
    (NEW.status, NEW.department_id, NEW.title, NEW.manager_id)
    IS DISTINCT FROM (OLD.status, OLD.department_id, OLD.title, OLD.manager_id)
)
EXECUTE FUNCTION hr.log_employee();
COMMENT ON TRIGGER employees_log_change ON hr.employees IS
'Changes of status, department, title and manager go to hr.employee_history.';

CREATE OR REPLACE TRIGGER employees_line
AFTER INSERT ON hr.employees
FOR EACH ROW WHEN (NEW.manager_id IS NOT NULL)
EXECUTE FUNCTION hr.guard_reporting_line();
COMMENT ON TRIGGER employees_line ON hr.employees IS 'Nobody reports to oneself.';

CREATE OR REPLACE TRIGGER employees_line_change
AFTER UPDATE ON hr.employees
FOR EACH ROW WHEN (NEW.manager_id IS DISTINCT FROM OLD.manager_id)
EXECUTE FUNCTION hr.guard_reporting_line();
COMMENT ON TRIGGER employees_line_change ON hr.employees IS 'Nobody reports to oneself.';
