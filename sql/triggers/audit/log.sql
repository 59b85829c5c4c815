CREATE OR REPLACE TRIGGER log_guard
BEFORE UPDATE OR DELETE ON audit.log
FOR EACH ROW EXECUTE FUNCTION audit.refuse_change('audit.log');
COMMENT ON TRIGGER log_guard ON audit.log IS 'What is in the log stays as it is.';
