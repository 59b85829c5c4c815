-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER opening_balances_guard
BEFORE INSERT OR UPDATE OR DELETE ON payroll.opening_balances
FOR EACH ROW EXECUTE FUNCTION payroll.guard_opening_balance();
COMMENT ON TRIGGER opening_balances_guard ON payroll.opening_balances IS
'What counted when pay was sent to the books stays.';

CREATE OR REPLACE TRIGGER opening_balances_stamp
BEFORE INSERT OR UPDATE ON payroll.opening_balances
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER opening_balances_stamp ON payroll.opening_balances IS
'Keeps created_* and last_modified_* true.';
