CREATE OR REPLACE TRIGGER businesses_stamp
BEFORE INSERT OR UPDATE ON identity.businesses
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER businesses_stamp ON identity.businesses IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER businesses_settings
AFTER INSERT ON identity.businesses
FOR EACH ROW EXECUTE FUNCTION identity.make_settings();
COMMENT ON TRIGGER businesses_settings ON identity.businesses IS
'Each business has its row of settings.';
