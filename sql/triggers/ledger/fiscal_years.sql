CREATE OR REPLACE TRIGGER fiscal_years_stamp
BEFORE INSERT OR UPDATE ON ledger.fiscal_years
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER fiscal_years_stamp ON ledger.fiscal_years IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER fiscal_years_guard
BEFORE INSERT OR UPDATE ON ledger.fiscal_years
FOR EACH ROW EXECUTE FUNCTION ledger.guard_fiscal_year();
COMMENT ON TRIGGER fiscal_years_guard ON ledger.fiscal_years IS
'Years of a business never overlap.';
