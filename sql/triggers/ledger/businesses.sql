CREATE OR REPLACE TRIGGER businesses_functional_currency
BEFORE UPDATE OF currency_code ON identity.businesses
FOR EACH ROW WHEN (NEW.currency_code IS DISTINCT FROM OLD.currency_code)
EXECUTE FUNCTION ledger.guard_functional_currency();
COMMENT ON TRIGGER businesses_functional_currency ON identity.businesses IS
'Books keep the currency they were begun in.';
