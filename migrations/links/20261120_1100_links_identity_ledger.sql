-- A business keeps its books in a currency that exists.
-- depends: 20261120_1000_ledger_chart
-- links: identity ledger

-- Businesses are few: checking and indexing them takes no time that anybody would notice.
ALTER TABLE identity.businesses
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT businesses_currency_fkey FOREIGN KEY (currency_code)
REFERENCES ledger.currencies (code) ON DELETE RESTRICT;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX businesses_currency_idx ON identity.businesses (currency_code);
