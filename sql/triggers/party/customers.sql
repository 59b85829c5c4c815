CREATE OR REPLACE TRIGGER customers_guard
BEFORE UPDATE ON party.customers
FOR EACH ROW EXECUTE FUNCTION party.guard_customer();
COMMENT ON TRIGGER customers_guard ON party.customers IS
'An anonymised customer stays so, and a number stays its customer''s.';
CREATE OR REPLACE TRIGGER customers_stamp
BEFORE INSERT OR UPDATE ON party.customers
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER customers_stamp ON party.customers IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER customers_version
BEFORE INSERT OR UPDATE ON party.customers
FOR EACH ROW EXECUTE FUNCTION core.guard_version('party.customers');
COMMENT ON TRIGGER customers_version ON party.customers IS 'A stale update is refused.';
CREATE OR REPLACE TRIGGER customers_terms
AFTER INSERT OR UPDATE ON party.customers
FOR EACH ROW EXECUTE FUNCTION party.follow_customer();
COMMENT ON TRIGGER customers_terms ON party.customers IS
'What the customer is found by follows its row.';
