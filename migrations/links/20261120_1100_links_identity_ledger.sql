-- A business keeps its books in a currency that exists.
-- depends: 20261120_1000_ledger_chart
-- links: identity ledger

ALTER TABLE identity.businesses
ADD CONSTRAINT businesses_currency_fkey FOREIGN KEY (currency_code)
REFERENCES ledger.currencies (code) ON DELETE RESTRICT;
CREATE INDEX businesses_currency_idx ON identity.businesses (currency_code);
