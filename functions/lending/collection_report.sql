-- What fell due in each period, and what came in.
CREATE OR REPLACE FUNCTION lending.collection_report(
    p_from date,
    p_to date,
    p_every text DEFAULT 'month',
    p_business_code text DEFAULT NULL
)
RETURNS TABLE (
    period_start date,
    period_end date,
    currency_code text,
    due numeric,
    due_principal numeric,
    due_interest numeric,
    due_fees numeric,
    collected numeric,
    principal numeric,
    interest numeric,
    fees numeric,
    penalties numeric,
    recovered numeric,
    ratio numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_ids integer[] := lending.readable_businesses(p_business_code);
    v_step interval;
BEGIN
    IF (isfinite(p_from) AND isfinite(p_to) AND p_from <= p_to) IS NOT true THEN
        RAISE EXCEPTION 'not days from one to another: %, %', coalesce(p_from::text, 'NULL'),
            coalesce(p_to::text, 'NULL')
        USING ERRCODE = '22023',
            HINT = 'Give a first and a last day, the last one not before the first.';
    ELSIF (p_every IN ('day', 'week', 'month', 'quarter', 'year')) IS NOT true THEN
        RAISE EXCEPTION 'not a period: %', coalesce(p_every, 'NULL')
        USING ERRCODE = '22023',
            HINT = 'One of day, week, month, quarter, year.';
    END IF;
    v_step := (CASE WHEN p_every = 'quarter' THEN '3 months' ELSE '1 ' || p_every END)::interval;
    RETURN QUERY
    WITH versions AS (
        -- A version says what is due from its day until that of the next.
        SELECT
            s.id,
            s.business_id,
            s.loan_id,
            s.effective_on,
            lead(s.effective_on::date, 1, 'infinity') OVER (
                PARTITION BY s.loan_id ORDER BY s.effective_on, s.version_no
            ) AS until
        FROM lending.schedules AS s
        WHERE s.tenant_id = v_tenant_id
            AND s.business_id = ANY (v_business_ids)
            AND s.is_live
            AND s.reason <> 'planned'
    ),

    facts AS (
        SELECT
            i.loan_id,
            i.due_date AS happened_on,
            i.principal AS due_principal,
            i.interest AS due_interest,
            i.fees AS due_fees,
            0 AS collected,
            0 AS principal,
            0 AS interest,
            0 AS fees,
            0 AS penalties,
            0 AS recovered
        FROM versions AS v
        INNER JOIN lending.instalments AS i
            ON i.tenant_id = v_tenant_id
            AND i.business_id = v.business_id
            AND i.schedule_id = v.id
        INNER JOIN lending.loans AS l ON l.tenant_id = i.tenant_id AND l.id = i.loan_id
        WHERE i.due_date BETWEEN p_from AND p_to
            AND i.due_date >= v.effective_on
            AND i.due_date < v.until
            AND (l.written_off_on IS NULL OR i.due_date <= l.written_off_on)
        UNION ALL
        SELECT
            m.loan_id,
            m.effective_on,
            0,
            0,
            0,
            CASE WHEN m.kind = 'payment' THEN m.cash ELSE 0 END,
            CASE WHEN m.kind = 'recovery' THEN 0 ELSE -m.principal END,
            CASE WHEN m.kind = 'recovery' THEN 0 ELSE -m.interest END,
            CASE WHEN m.kind = 'recovery' THEN 0 ELSE -m.fees END,
            CASE WHEN m.kind = 'recovery' THEN 0 ELSE -m.penalties END,
            CASE WHEN m.kind = 'recovery' THEN m.cash ELSE 0 END
        FROM lending.movements AS m
        WHERE m.tenant_id = v_tenant_id
            AND m.business_id = ANY (v_business_ids)
            AND m.effective_on BETWEEN p_from AND p_to
            AND m.kind NOT IN ('charge', 'allowance')
            AND m.kind IN ('payment', 'advance', 'recovery')
    )

    SELECT
        greatest(p.starts_on, p_from),
        least((p.starts_on + v_step)::date - 1, p_to),
        l.currency_code::text,
        sum(f.due_principal + f.due_interest + f.due_fees),
        sum(f.due_principal),
        sum(f.due_interest),
        sum(f.due_fees),
        sum(f.collected),
        sum(f.principal),
        sum(f.interest),
        sum(f.fees),
        sum(f.penalties),
        sum(f.recovered),
        round(
            sum(f.principal + f.interest + f.fees)
            / nullif(sum(f.due_principal + f.due_interest + f.due_fees), 0),
            6
        )
    FROM facts AS f
    INNER JOIN lending.loans AS l ON l.tenant_id = v_tenant_id AND l.id = f.loan_id
    CROSS JOIN LATERAL (
        SELECT date_trunc(p_every, f.happened_on::timestamp)::date AS starts_on
    ) AS p
    GROUP BY p.starts_on, l.currency_code
    ORDER BY p.starts_on, l.currency_code COLLATE "C";
END;
$$;
COMMENT ON FUNCTION lending.collection_report(date, date, text, text) IS
'Of one business, or of all that the token covers (NULL), for each day, week, month, quarter or '
'year from p_from to p_to in which something fell due or came in, and each currency: what '
'instalments fell due by the schedules that were in force on their days; the money that came in as '
'payments, and what of principal, interest, fees and penalties was paid, out of what had been kept '
'in advance too; what was recovered of loans written off; and the ratio of what was paid of '
'principal, interest and fees, whenever due, to what fell due (NULL: nothing did). Raises ZI001 to '
'ZI003 (token), ZI005 (no such business), 22023 (days, p_every).';
