ALTER TABLE lending.loan_balances
ALTER COLUMN penalty_days TYPE numeric,
ADD CONSTRAINT loan_balances_penalty_days_check
CHECK (penalty_days >= 0 AND penalty_days < 'Infinity');
DROP DOMAIN lending.money_days;
