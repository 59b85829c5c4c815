CREATE OR REPLACE TRIGGER settings_stamp
BEFORE INSERT OR UPDATE ON lending.settings
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER settings_stamp ON lending.settings IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER settings_version
BEFORE INSERT OR UPDATE ON lending.settings
FOR EACH ROW EXECUTE FUNCTION core.guard_version('lending.settings');
COMMENT ON TRIGGER settings_version ON lending.settings IS
'Refuses an update of a version that is not the present one.';
