CREATE OR REPLACE TRIGGER payment_tills_stamp
BEFORE INSERT OR UPDATE ON identity.payment_tills
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER payment_tills_stamp ON identity.payment_tills IS
'Keeps created_* and last_modified_* true.';
