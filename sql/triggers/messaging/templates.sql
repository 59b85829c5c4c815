CREATE OR REPLACE TRIGGER templates_stamp
BEFORE INSERT OR UPDATE ON messaging.templates
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER templates_stamp ON messaging.templates IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER templates_version
BEFORE INSERT OR UPDATE ON messaging.templates
FOR EACH ROW EXECUTE FUNCTION core.guard_version('messaging.templates');
COMMENT ON TRIGGER templates_version ON messaging.templates IS 'A stale update is refused.';
