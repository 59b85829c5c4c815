-- What the next day makes of loans, by closed forms.
CREATE OR REPLACE FUNCTION lending.day_of_loans(
    p_tenant_id integer,
    p_business_id integer,
    p_day date,
    p_loan_ids uuid[]
)
RETURNS TABLE (
    loan_id uuid,
    product_id uuid,
    branch_id uuid,
    interest_before numeric,
    fees_before numeric,
    penalties_before numeric,
    interest_accrued numeric,
    fees_scheduled numeric,
    fees_charged numeric,
    penalty_days numeric,
    penalties_charged numeric,
    overdue numeric,
    days_past_due integer,
    takes_advance boolean
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        b.loan_id,
        l.product_id,
        l.branch_id,
        b.interest_accrued,
        b.fees_charged,
        b.penalties_charged,
        n.interest_accrued,
        n.fees_scheduled,
        n.fees_charged,
        n.penalty_days,
        c.penalties_charged,
        coalesce(
            greatest(o.principal_to_date - b.principal_settled, 0)
            + greatest(o.interest_to_date - b.interest_settled, 0)
            + greatest(o.fees_to_date - b.fees_settled, 0),
            0
        ) + c.penalties_charged - b.penalties_settled,
        greatest(p_day - b.oldest_unpaid_due_on, 0),
        b.advance > 0 AND (
            coalesce(d.principal_to_date, 0) > b.principal_settled
            OR coalesce(d.interest_to_date, 0) > b.interest_settled
            OR n.fees_charged > b.fees_settled
            OR c.penalties_charged > b.penalties_settled
        )
    FROM lending.loan_balances AS b
    INNER JOIN lending.loans AS l ON l.tenant_id = b.tenant_id AND l.id = b.loan_id
    -- All that has fallen due.
    LEFT JOIN LATERAL (
        SELECT
            i.principal_to_date,
            i.interest_to_date,
            i.fees_to_date
        FROM lending.instalments AS i
        WHERE i.tenant_id = b.tenant_id
            AND i.business_id = b.business_id
            AND i.schedule_id = b.schedule_id
            AND i.due_date <= p_day
        ORDER BY i.due_date DESC, i.instalment_no DESC
        LIMIT 1
    ) AS d ON true
    -- The instalment that pays the interest of the day.
    LEFT JOIN LATERAL (
        SELECT
            i.interest_before + CASE
                WHEN i.starts_on < p_day THEN lending.round_quotient(
                    (i.interest - i.interest_before) * (p_day - i.starts_on),
                    i.due_date - i.starts_on,
                    1 / power(10::numeric, l.minor_units),
                    l.rounding::text
                )
                ELSE 0
            END AS interest
        FROM (
            SELECT i.*
            FROM lending.instalments AS i
            WHERE i.tenant_id = b.tenant_id
                AND i.business_id = b.business_id
                AND i.schedule_id = b.schedule_id
                AND i.due_date > p_day
                AND i.interest > 0
            ORDER BY i.due_date, i.instalment_no
            LIMIT 1
        ) AS i
    ) AS a ON true
    -- All that should have been paid before the day; and of that, what bears penalties.
    LEFT JOIN LATERAL (
        SELECT
            i.principal_to_date,
            i.interest_to_date,
            i.fees_to_date
        FROM lending.instalments AS i
        WHERE b.oldest_unpaid_due_on < p_day
            AND i.tenant_id = b.tenant_id
            AND i.business_id = b.business_id
            AND i.schedule_id = b.schedule_id
            AND i.due_date < p_day
        ORDER BY i.due_date DESC, i.instalment_no DESC
        LIMIT 1
    ) AS o ON true
    LEFT JOIN LATERAL (
        SELECT
            greatest(i.principal_to_date - b.principal_settled, 0)
            + greatest(i.interest_to_date - b.interest_settled, 0)
            + greatest(i.fees_to_date - b.fees_settled, 0) AS amount
        FROM lending.instalments AS i
        WHERE b.oldest_unpaid_due_on < p_day - l.penalty_grace_days
            AND i.tenant_id = b.tenant_id
            AND i.business_id = b.business_id
            AND i.schedule_id = b.schedule_id
            AND i.due_date < p_day - l.penalty_grace_days
        ORDER BY i.due_date DESC, i.instalment_no DESC
        LIMIT 1
    ) AS g ON true
    CROSS JOIN LATERAL (
        SELECT
            coalesce(d.interest_to_date, 0) + coalesce(a.interest, 0) AS interest_accrued,
            coalesce(d.fees_to_date, 0) AS fees_scheduled,
            b.fees_charged - b.fees_scheduled + coalesce(d.fees_to_date, 0) AS fees_charged,
            b.penalty_days + coalesce(g.amount, 0) AS penalty_days
    ) AS n
    CROSS JOIN LATERAL (
        SELECT greatest(b.penalties_charged, CASE
            WHEN l.penalty_rate_percent > 0 AND n.penalty_days > 0 THEN least(
                lending.round_quotient(
                    n.penalty_days * l.penalty_rate_percent,
                    36500,
                    1 / power(10::numeric, l.minor_units),
                    l.rounding::text
                ),
                lending.round_quotient(
                    l.penalty_cap_percent * b.disbursed,
                    100,
                    1 / power(10::numeric, l.minor_units),
                    l.rounding::text
                )
            )
            ELSE 0
        END) AS penalties_charged
    ) AS c
    WHERE b.tenant_id = p_tenant_id
        AND b.business_id = p_business_id
        AND b.loan_id = ANY (p_loan_ids)
        AND b.processed_through = p_day - 1
        AND l.status IN ('active', 'restructured', 'defaulted');
$$;
COMMENT ON FUNCTION lending.day_of_loans(integer, integer, date, uuid[]) IS
'Of those of p_loan_ids, all of p_business_id, that were counted through the day before and on '
'which something is owed: how they stand at the end of p_day, before an advance goes to what is '
'due, with what had been charged before; takes_advance: there is one, and something is due. '
'Columns are those of lending.loan_balances. Interest is that of the instalments that are due, '
'and of the one that pays the interest of the day an equal part a day since starts_on; a day''s '
'penalty is what was overdue beyond its grace, times the rate. Agrees with lending.replay, to '
'which a test compares it. Internal.';
