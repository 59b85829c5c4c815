CREATE OR REPLACE TRIGGER tenants_stamp
BEFORE INSERT OR UPDATE ON identity.tenants
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER tenants_stamp ON identity.tenants IS 'Keeps created_* and last_modified_* true.';
