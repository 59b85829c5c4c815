CREATE OR REPLACE TRIGGER record_items_guard
BEFORE INSERT OR UPDATE OR DELETE ON payroll.record_items
FOR EACH ROW EXECUTE FUNCTION payroll.guard_record_item();
COMMENT ON TRIGGER record_items_guard ON payroll.record_items IS
'What was sent to the books stays as it was sent.';
