-- The trial balance, as far as finance knows the books.
CREATE OR REPLACE FUNCTION finance.trial_balance(
    p_business_code text DEFAULT NULL,
    p_as_of date DEFAULT NULL
)
RETURNS TABLE (
    account_code text,
    account_name text,
    account_type text,
    debit numeric,
    credit numeric,
    balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        m.account_code,
        m.account_name,
        m.account_type,
        greatest(m.balance, 0.0000),
        greatest(-m.balance, 0.0000),
        m.balance
    FROM finance.account_totals(p_business_code, NULL, p_as_of) AS m
    ORDER BY m.account_code COLLATE "C";
$$;
COMMENT ON FUNCTION finance.trial_balance(text, date) IS
'What ledger.trial_balance says, by whole fiscal periods: from the books where they are in this '
'database, otherwise from what of them has arrived. p_as_of: the last day of a period, NULL: '
'everything. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL020 (several functional '
'currencies), ZF008 (p_as_of cuts a period).';
