CREATE OR REPLACE TRIGGER business_settings_stamp
BEFORE INSERT OR UPDATE ON identity.business_settings
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER business_settings_stamp ON identity.business_settings IS
'Keeps created_* and last_modified_* true.';
