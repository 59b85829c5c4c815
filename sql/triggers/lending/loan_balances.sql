CREATE OR REPLACE TRIGGER loan_balances_refuse_truncate
BEFORE TRUNCATE ON lending.loan_balances
FOR EACH STATEMENT EXECUTE FUNCTION lending.refuse_change('lending.loan_balances');
COMMENT ON TRIGGER loan_balances_refuse_truncate ON lending.loan_balances IS
'How loans stand would be lost.';
