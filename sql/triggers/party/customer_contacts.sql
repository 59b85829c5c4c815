CREATE OR REPLACE TRIGGER customer_contacts_stamp
BEFORE INSERT OR UPDATE ON party.customer_contacts
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER customer_contacts_stamp ON party.customer_contacts IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER customer_contacts_guard
BEFORE INSERT OR UPDATE ON party.customer_contacts
FOR EACH ROW EXECUTE FUNCTION party.guard_part('party.customer_contacts');
COMMENT ON TRIGGER customer_contacts_guard ON party.customer_contacts IS
'Nothing is added to a customer who is anonymised.';
