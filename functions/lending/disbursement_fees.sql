-- The fees that paying out costs.
CREATE OR REPLACE FUNCTION lending.disbursement_fees(
    p_loan lending.loans,
    p_amount numeric,
    p_is_first boolean
)
RETURNS numeric
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(CASE f.basis
        WHEN 'flat' THEN f.amount
        ELSE lending.round_quotient(
            p_amount * f.amount, 100, power(10::numeric, -p_loan.minor_units),
            p_loan.rounding::text
        )
    END), 0)
    FROM lending.loan_fees AS f
    WHERE f.tenant_id = p_loan.tenant_id
        AND f.loan_id = p_loan.id
        AND f.occasion = 'disbursement'
        AND (f.basis = 'percent' OR p_is_first);
$$;
COMMENT ON FUNCTION lending.disbursement_fees(lending.loans, numeric, boolean) IS
'What the fees at disbursement of a loan come to when p_amount is paid out: flat ones with the '
'first disbursement alone, percentages of each, every fee rounded as the loan is. Internal.';
