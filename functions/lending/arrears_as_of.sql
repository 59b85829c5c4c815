-- How each loan stood at the end of a day: what principal was owed, and what was late.
CREATE OR REPLACE FUNCTION lending.arrears_as_of(
    p_tenant_id integer,
    p_business_ids integer[],
    p_as_of date
)
RETURNS TABLE (
    loan_id uuid,
    business_id integer,
    currency_code text,
    principal numeric,
    late_since date,
    days_past_due integer,
    arrears_principal numeric,
    arrears_interest numeric,
    arrears_fees numeric,
    arrears numeric,
    is_restructured boolean,
    is_written_off boolean,
    written_off numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    WITH later AS (
        -- What happened after the day is taken off the balances.
        SELECT
            m.loan_id,
            sum(m.principal::numeric) AS principal,
            sum(m.principal::numeric) FILTER (WHERE m.kind <> 'disbursement') AS principal_settled,
            sum(m.interest::numeric) AS interest_settled,
            sum(m.fees::numeric) AS fees_settled
        FROM lending.movements AS m
        WHERE m.tenant_id = p_tenant_id
            AND m.business_id = ANY (p_business_ids)
            AND m.effective_on > p_as_of
            AND m.kind NOT IN ('charge', 'allowance')
        GROUP BY m.loan_id
    ),

    versions AS (
        SELECT
            s.loan_id,
            (array_agg(s.id ORDER BY s.effective_on DESC, s.version_no DESC))[1] AS schedule_id,
            bool_or(s.reason = 'reschedule') AS is_restructured
        FROM lending.schedules AS s
        WHERE s.tenant_id = p_tenant_id
            AND s.business_id = ANY (p_business_ids)
            AND s.is_live
            AND s.reason <> 'planned'
            AND s.effective_on <= p_as_of
        GROUP BY s.loan_id
    ),

    counted AS (
        SELECT
            l.id,
            l.business_id,
            l.currency_code,
            l.allocation_order,
            v.schedule_id,
            v.is_restructured,
            l.written_off_on <= p_as_of IS true AS is_written_off,
            l.written_off_on,
            b.processed_through,
            b.fees_scheduled,
            b.advance,
            b.principal - coalesce(a.principal, 0) AS principal,
            b.principal_settled + coalesce(a.principal_settled, 0) AS principal_settled,
            b.interest_settled + coalesce(a.interest_settled, 0) AS interest_settled,
            b.fees_settled + coalesce(a.fees_settled, 0) AS fees_settled
        FROM lending.loans AS l
        INNER JOIN lending.loan_balances AS b ON b.tenant_id = l.tenant_id AND b.loan_id = l.id
        INNER JOIN versions AS v ON v.loan_id = l.id
        LEFT JOIN later AS a ON a.loan_id = l.id
        WHERE l.tenant_id = p_tenant_id
            AND l.business_id = ANY (p_business_ids)
            AND l.disbursed_on <= p_as_of
            AND (l.closed_on IS NULL OR l.closed_on > p_as_of)
    ),

    -- After the last day that was counted, what is kept goes to what falls due, as by
    -- lending.use_advance: nothing else was owed then, or nothing would have been kept.
    advanced AS (
        SELECT
            c.id,
            sum(k.paid) FILTER (WHERE k.kind = 'principal') AS principal,
            sum(k.paid) FILTER (WHERE k.kind = 'interest') AS interest,
            sum(k.paid) FILTER (WHERE k.kind = 'fee') AS fees
        FROM counted AS c
        INNER JOIN lending.instalments AS i
            ON i.tenant_id = p_tenant_id
            AND i.business_id = c.business_id
            AND i.schedule_id = c.schedule_id
            AND i.due_date > c.processed_through
            AND i.due_date <= p_as_of
        CROSS JOIN LATERAL (
            SELECT
                c.advance - (
                    i.principal_to_date + i.interest_to_date + i.fees_to_date - i.amount
                    - c.principal_settled - c.interest_settled - c.fees_scheduled
                ) AS rest
        ) AS r
        CROSS JOIN LATERAL (
            SELECT
                k.kind,
                least(k.amount, greatest(r.rest - coalesce(sum(k.amount) OVER (
                    ORDER BY array_position(c.allocation_order, k.kind)
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ), 0), 0)) AS paid
            FROM (
                VALUES
                ('fee'::lending.due_kind, i.fees::numeric),
                ('interest', i.interest::numeric),
                ('principal', i.principal::numeric)
            ) AS k (kind, amount)
        ) AS k
        WHERE c.processed_through < p_as_of AND c.advance > 0 AND r.rest > 0
        GROUP BY c.id
    ),

    standing AS (
        SELECT
            c.id,
            c.business_id,
            c.currency_code,
            c.schedule_id,
            c.is_restructured,
            c.is_written_off,
            c.written_off_on,
            c.principal - coalesce(a.principal, 0) AS principal,
            c.principal_settled + coalesce(a.principal, 0) AS principal_settled,
            c.interest_settled + coalesce(a.interest, 0) AS interest_settled,
            c.fees_settled + coalesce(a.fees, 0) AS fees_settled
        FROM counted AS c
        LEFT JOIN advanced AS a ON a.id = c.id
    )

    SELECT
        s.id,
        s.business_id,
        s.currency_code::text,
        s.principal::numeric,
        o.due_date,
        coalesce(p_as_of - o.due_date, 0),
        greatest(d.principal_to_date - s.principal_settled, 0)::numeric,
        greatest(d.interest_to_date - s.interest_settled, 0)::numeric,
        greatest(d.fees_to_date - s.fees_settled, 0)::numeric,
        (
            greatest(d.principal_to_date - s.principal_settled, 0)
            + greatest(d.interest_to_date - s.interest_settled, 0)
            + greatest(d.fees_to_date - s.fees_settled, 0)
        )::numeric,
        s.is_restructured,
        s.is_written_off,
        coalesce(w.principal, 0)
    FROM standing AS s
    -- The last instalment that is past, whose sums say what should have been paid ...
    LEFT JOIN LATERAL (
        SELECT i.principal_to_date, i.interest_to_date, i.fees_to_date
        FROM lending.instalments AS i
        WHERE NOT s.is_written_off
            AND i.tenant_id = p_tenant_id
            AND i.business_id = s.business_id
            AND i.schedule_id = s.schedule_id
            AND i.due_date < p_as_of
        ORDER BY i.due_date DESC, i.instalment_no DESC
        LIMIT 1
    ) AS d ON true
    -- ... and if it was not, the first one since which.
    LEFT JOIN LATERAL (
        SELECT i.due_date::date AS due_date
        FROM lending.instalments AS i
        WHERE (
                d.principal_to_date > s.principal_settled
                OR d.interest_to_date > s.interest_settled
                OR d.fees_to_date > s.fees_settled
            )
            AND i.tenant_id = p_tenant_id
            AND i.business_id = s.business_id
            AND i.schedule_id = s.schedule_id
            AND i.due_date < p_as_of
            AND (
                i.principal_to_date > s.principal_settled
                OR i.interest_to_date > s.interest_settled
                OR i.fees_to_date > s.fees_settled
            )
        ORDER BY i.due_date, i.instalment_no
        LIMIT 1
    ) AS o ON true
    LEFT JOIN LATERAL (
        SELECT -sum(m.principal::numeric) AS principal
        FROM lending.movements AS m
        WHERE s.is_written_off
            AND m.tenant_id = p_tenant_id
            AND m.business_id = s.business_id
            AND m.loan_id = s.id
            AND m.effective_on = s.written_off_on
            AND m.kind = 'write_off'
    ) AS w ON true;
END;
$$;
COMMENT ON FUNCTION lending.arrears_as_of(integer, integer[], date) IS
'Of each loan that was paid out and not closed by the end of p_as_of, one row: principal owed; '
'late_since: the due date of the oldest instalment before p_as_of that was not settled then (NULL: '
'none), and the days from it; what of instalments before p_as_of was not settled, without fees '
'charged by hand and penalties; whether it had been rescheduled; whether it had been written off '
'(then nothing is owed), and what principal with it. As is known now: what was recorded later for '
'an earlier day counts on that day. Of the tenant and businesses given, as far as the token covers '
'them.';
