-- What is owed of a loan on a day.
CREATE OR REPLACE FUNCTION lending.loan_balance(p_loan_id uuid, p_as_of date DEFAULT NULL)
RETURNS TABLE (
    principal numeric,
    interest numeric,
    fees numeric,
    penalties numeric,
    total numeric,
    overdue numeric,
    days_past_due integer
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        coalesce(b.principal, 0),
        coalesce(b.interest, 0),
        coalesce(b.fees, 0),
        coalesce(b.penalties, 0),
        coalesce(b.principal + b.interest + b.fees + b.penalties, 0),
        coalesce(b.overdue, 0),
        coalesce(b.days_past_due, 0)
    FROM lending.balances_as_of(p_loan_id, p_as_of) AS b;
$$;
COMMENT ON FUNCTION lending.loan_balance(uuid, date) IS
'What is owed at the end of p_as_of (NULL: today), of interest what has accrued; what should have '
'been paid before, with penalties; and how many days ago the oldest of that was due. Derived from '
'transactions, so that it is true of every day, whether the daily jobs have run or not; what was '
'recorded or reversed later counts as of its own day. Zero before it was paid out. Raises ZI001 to '
'ZI003 (token), ZO010 (no such loan), 22023 (infinite day).';
