-- What a borrower pays on a day to owe nothing any more.
CREATE OR REPLACE FUNCTION lending.payoff_amount(p_loan_id uuid, p_as_of date DEFAULT NULL)
RETURNS numeric
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT greatest(
        coalesce(b.principal + b.interest + b.fees + b.penalties - b.advance, 0), 0
    )
    FROM lending.balances_as_of(p_loan_id, p_as_of) AS b;
$$;
COMMENT ON FUNCTION lending.payoff_amount(uuid, date) IS
'What a payment at the end of p_as_of (NULL: today) has to be to close the loan: all that is owed, '
'with interest accrued by then, less what is kept for the borrower. Raises ZI001 to ZI003 (token), '
'ZO010 (no such loan), 22023 (infinite day).';
