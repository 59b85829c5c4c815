CREATE OR REPLACE TRIGGER employee_history_append_only
BEFORE UPDATE OR DELETE ON hr.employee_history
FOR EACH ROW EXECUTE FUNCTION hr.refuse_change('hr.employee_history');
COMMENT ON TRIGGER employee_history_append_only ON hr.employee_history IS
'What happened does not change.';

CREATE OR REPLACE TRIGGER employee_history_refuse_truncate
BEFORE TRUNCATE ON hr.employee_history
FOR EACH STATEMENT EXECUTE FUNCTION hr.refuse_change('hr.employee_history');
COMMENT ON TRIGGER employee_history_refuse_truncate ON hr.employee_history IS
'What happened does not change.';
