CREATE OR REPLACE TRIGGER customer_addresses_stamp
BEFORE INSERT OR UPDATE ON party.customer_addresses
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER customer_addresses_stamp ON party.customer_addresses IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER customer_addresses_guard
BEFORE INSERT OR UPDATE ON party.customer_addresses
FOR EACH ROW EXECUTE FUNCTION party.guard_part('party.customer_addresses');
COMMENT ON TRIGGER customer_addresses_guard ON party.customer_addresses IS
'Nothing is added to a customer who is anonymised.';
