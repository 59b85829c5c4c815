CREATE OR REPLACE TRIGGER exchange_rates_guard
BEFORE UPDATE OR DELETE ON ledger.exchange_rates
FOR EACH ROW EXECUTE FUNCTION ledger.guard_exchange_rate();
COMMENT ON TRIGGER exchange_rates_guard ON ledger.exchange_rates IS
'Rates never change or go; a correction is a further row.';

CREATE OR REPLACE TRIGGER exchange_rates_stamp
BEFORE INSERT OR UPDATE ON ledger.exchange_rates
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER exchange_rates_stamp ON ledger.exchange_rates IS
'Keeps created_* and last_modified_* true.';
