CREATE OR REPLACE TRIGGER businesses_stamp
BEFORE INSERT OR UPDATE ON identity.businesses
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER businesses_stamp ON identity.businesses IS
'Keeps created_* and last_modified_* true.';
