-- The instalments of a loan, as they are planned before it is paid out.
CREATE OR REPLACE FUNCTION lending.planned_instalments(p_loan lending.loans)
RETURNS SETOF lending.instalments
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH planned AS (
        SELECT
            s.*,
            coalesce(
                lag(s.due_date) OVER (ORDER BY s.instalment_no), p_loan.expected_disbursement_on
            ) AS period_starts_on
        FROM lending.preview_loan_schedule(p_loan) AS s
    ),

    charged AS (
        SELECT
            p.*,
            (
                SELECT coalesce(sum(CASE f.basis
                    WHEN 'flat' THEN f.amount
                    ELSE lending.round_quotient(
                        p.amount * f.amount, 100, power(10::numeric, -p_loan.minor_units),
                        p_loan.rounding::text
                    )
                END), 0)
                FROM lending.loan_fees AS f
                WHERE f.tenant_id = p_loan.tenant_id
                    AND f.loan_id = p_loan.id
                    AND f.occasion = 'instalment'
            ) AS fees
        FROM planned AS p
    )

    SELECT
        p_loan.tenant_id,
        NULL::uuid,
        c.instalment_no,
        p_loan.business_id,
        p_loan.id,
        -- What pays the interest of the ones before accrues since the first of them that bears it.
        CASE
            WHEN c.instalment_no = p_loan.grace_interest + 1
                THEN (
                    SELECT min(e.period_starts_on)
                    FROM charged AS e
                    WHERE e.instalment_no > least(p_loan.interest_free, p_loan.grace_interest)
                )
            ELSE c.period_starts_on
        END,
        c.due_date,
        c.days,
        c.principal,
        c.interest,
        c.fees,
        c.amount + c.fees,
        c.balance,
        0,
        sum(c.principal) OVER w,
        sum(c.interest) OVER w,
        sum(c.fees) OVER w
    FROM charged AS c
    WINDOW w AS (ORDER BY c.instalment_no);
$$;
COMMENT ON FUNCTION lending.planned_instalments(lending.loans) IS
'The instalments that the terms and fees of a loan make when all of it is paid out on the expected '
'day, of no schedule yet (schedule_id is NULL). Raises 22023 (they make none). Internal.';
