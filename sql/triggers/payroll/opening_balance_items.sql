CREATE OR REPLACE TRIGGER opening_balance_items_guard
BEFORE INSERT OR UPDATE OR DELETE ON payroll.opening_balance_items
FOR EACH ROW EXECUTE FUNCTION payroll.guard_opening_balance();
COMMENT ON TRIGGER opening_balance_items_guard ON payroll.opening_balance_items IS
'What counted when pay was sent to the books stays.';
