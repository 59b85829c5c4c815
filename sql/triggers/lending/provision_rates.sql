CREATE OR REPLACE TRIGGER provision_rates_stamp
BEFORE INSERT OR UPDATE ON lending.provision_rates
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER provision_rates_stamp ON lending.provision_rates IS
'Keeps created_* and last_modified_* true.';
