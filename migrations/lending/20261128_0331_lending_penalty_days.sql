-- What penalties are counted from is a number with a domain, as every number with decimals is.
-- depends: 20261128_0330_lending_borrowers
-- No release has this table yet: there are no rows.
-- squawk-ignore-file changing-column-type, ban-drop-constraint

CREATE DOMAIN lending.money_days AS numeric
CONSTRAINT money_days_are_not_negative_check CHECK (VALUE >= 0 AND VALUE < 'Infinity');
COMMENT ON DOMAIN lending.money_days IS
'Money times days, zero or more: a sum over days of what was overdue on each.';

ALTER TABLE lending.loan_balances
DROP CONSTRAINT loan_balances_penalty_days_check,
ALTER COLUMN penalty_days TYPE lending.money_days;
