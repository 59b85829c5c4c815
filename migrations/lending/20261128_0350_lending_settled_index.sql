-- What moved the balances of loans on a day, apart from charges: for reports as of past days.
-- depends: 20261128_0304_lending_provisions
-- No release has this table yet: nobody waits for the index.
-- squawk-ignore-file require-concurrent-index-creation

CREATE INDEX movements_settled_idx
ON lending.movements (tenant_id, business_id, effective_on)
INCLUDE (loan_id, kind, cash, principal, interest, fees)
WHERE kind NOT IN ('charge', 'allowance');
