-- What is to be booked so that the movements of a loan come to what is true.
CREATE OR REPLACE FUNCTION lending.compare_movements(
    p_loan lending.loans,
    p_stored lending.loan_balances,
    p_replayed lending.replayed,
    p_caused_on date
)
RETURNS lending.movements[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH opened AS (
        SELECT coalesce(max(s.books_open_from), p_replayed.disbursed_on) AS on_day
        FROM lending.settings AS s
        WHERE s.tenant_id = p_loan.tenant_id AND s.business_id = p_loan.business_id
    ),

    target AS MATERIALIZED (
        SELECT
            m.kind,
            m.transaction_id,
            m.effective_on,
            m.cash,
            m.principal,
            m.interest,
            m.fees,
            m.penalties,
            m.advance
        FROM unnest(p_replayed.movements) AS m
    ),

    -- Less what is stored, and of kinds that are taken back as a whole by themselves.
    steps AS (
        SELECT
            t.*,
            1 AS sign
        FROM target AS t
        WHERE t.kind <> 'charge'
        UNION ALL
        SELECT
            m.kind,
            m.transaction_id,
            m.effective_on,
            -m.cash,
            -m.principal,
            -m.interest,
            -m.fees,
            -m.penalties,
            -m.advance,
            -1
        FROM lending.movements AS m
        WHERE m.tenant_id = p_loan.tenant_id
            AND m.business_id = p_loan.business_id
            AND m.loan_id = p_loan.id
            AND m.kind NOT IN ('charge', 'allowance')
    ),

    changes AS (
        SELECT
            s.kind,
            s.transaction_id,
            s.effective_on,
            s.sign,
            sum(s.cash) AS cash,
            sum(s.principal) AS principal,
            sum(s.interest) AS interest,
            sum(s.fees) AS fees,
            sum(s.penalties) AS penalties,
            sum(s.advance) AS advance,
            sum(sum(s.cash)) OVER same AS all_cash,
            sum(sum(s.principal)) OVER same AS all_principal,
            sum(sum(s.interest)) OVER same AS all_interest,
            sum(sum(s.fees)) OVER same AS all_fees,
            sum(sum(s.penalties)) OVER same AS all_penalties,
            sum(sum(s.advance)) OVER same AS all_advance,
            row_number() OVER same AS no
        FROM steps AS s
        GROUP BY s.kind, s.transaction_id, s.effective_on, s.sign
        WINDOW same AS (PARTITION BY s.kind, s.transaction_id, s.effective_on)
    ),

    charges AS (
        SELECT
            t.effective_on,
            t.interest,
            t.fees,
            t.penalties
        FROM target AS t
        WHERE t.kind = 'charge'
        UNION ALL
        SELECT
            p_stored.processed_through,
            -p_stored.interest_accrued,
            -p_stored.fees_charged,
            -p_stored.penalties_charged
        WHERE p_stored.processed_through IS NOT NULL
    ),

    booked AS (
        SELECT
            c.kind,
            c.transaction_id,
            c.effective_on,
            c.cash,
            c.principal,
            c.interest,
            c.fees,
            c.penalties,
            c.advance
        FROM changes AS c
        WHERE c.kind IN ('waiver', 'write_off')
            AND (c.all_interest, c.all_fees, c.all_penalties, c.all_principal) <> (0, 0, 0, 0)
            AND (c.interest, c.fees, c.penalties, c.principal) <> (0, 0, 0, 0)
        UNION ALL
        SELECT
            c.kind,
            c.transaction_id,
            c.effective_on,
            c.all_cash,
            c.all_principal,
            c.all_interest,
            c.all_fees,
            c.all_penalties,
            c.all_advance
        FROM changes AS c
        WHERE c.kind NOT IN ('waiver', 'write_off')
            AND c.no = 1
            AND (
                c.all_cash, c.all_principal, c.all_interest, c.all_fees, c.all_penalties,
                c.all_advance
            ) <> (0, 0, 0, 0, 0, 0)
        UNION ALL
        SELECT
            'charge',
            NULL,
            c.effective_on,
            0,
            0,
            sum(c.interest),
            sum(c.fees),
            sum(c.penalties),
            0
        FROM charges AS c
        GROUP BY c.effective_on
        HAVING (sum(c.interest), sum(c.fees), sum(c.penalties)) <> (0, 0, 0)
    ),

    dated AS (
        SELECT
            b.*,
            greatest(
                b.effective_on,
                o.on_day,
                -- It was booked otherwise: what has changed that is the earliest day.
                CASE WHEN b.effective_on <= p_stored.processed_through THEN p_caused_on END
            ) AS booked_on
        FROM booked AS b
        CROSS JOIN opened AS o
    )

    SELECT array_agg(
        ROW(
            p_loan.tenant_id, core.uuid_v7(), p_loan.business_id, p_loan.id, d.kind,
            d.transaction_id, d.effective_on, d.booked_on, d.cash, d.principal, d.interest,
            d.fees, d.penalties, d.advance, 0, NULL
        )::lending.movements
        ORDER BY d.booked_on, d.kind, d.transaction_id, d.effective_on, d.cash
    )
    FROM (
        SELECT d.*
        FROM dated AS d
        WHERE d.kind <> 'charge'
        UNION ALL
        SELECT
            d.kind,
            NULL,
            max(d.effective_on),
            0,
            0,
            sum(d.interest),
            sum(d.fees),
            sum(d.penalties),
            0,
            d.booked_on
        FROM dated AS d
        WHERE d.kind = 'charge'
        GROUP BY d.kind, d.booked_on
    ) AS d;
$$;
COMMENT ON FUNCTION lending.compare_movements(
    lending.loans, lending.loan_balances, lending.replayed, date
) IS
'The movements that are missing for those of the loan to come to what lending.replay found; NULL: '
'none. A waiver or a write-off that comes to something else is taken back and made anew. Charges '
'are compared with p_stored, the balances so far, which have their sum. p_caused_on: the day of '
'what was recorded or reversed, before which nothing is booked of what was booked otherwise. '
'Internal.';
