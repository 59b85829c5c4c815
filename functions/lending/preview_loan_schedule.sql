-- The schedule of a loan by its terms, as first agreed.
CREATE OR REPLACE FUNCTION lending.preview_loan_schedule(p_loan lending.loans)
RETURNS TABLE (
    instalment_no integer,
    due_date date,
    days integer,
    principal numeric,
    interest numeric,
    amount numeric,
    balance numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.*
    FROM lending.preview_payment_schedule(
        p_loan.principal, p_loan.annual_rate_percent, p_loan.instalments::integer,
        coalesce(p_loan.disbursed_on, p_loan.expected_disbursement_on), p_loan.first_due_on,
        p_loan.every::integer, p_loan.frequency::text, p_loan.method::text,
        p_loan.interest_calculation::text, p_loan.day_count::text, p_loan.grace_principal::integer,
        p_loan.grace_interest::integer, p_loan.interest_free::integer, p_loan.round_to,
        p_loan.minor_units::integer, p_loan.rounding::text
    ) AS s;
$$;
COMMENT ON FUNCTION lending.preview_loan_schedule(lending.loans) IS
'The instalments that the terms of a loan make when all of it is paid out at once, on disbursed_on '
'or else expected_disbursement_on. Raises 22023 (they make none). Internal.';
