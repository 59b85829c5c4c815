-- Remind the borrowers of loans that are overdue, once for each number of days.
CREATE OR REPLACE FUNCTION lending.queue_overdue_messages(
    p_tenant_id integer,
    p_loan_ids uuid[],
    p_days integer[],
    p_template text
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business record;
    v_count bigint := 0;
BEGIN
    FOR v_business IN
        SELECT
            r.business_id,
            jsonb_agg(jsonb_build_object(
                'customer_id', r.customer_id,
                'template', p_template,
                'values', jsonb_build_object(
                    'name', r.name,
                    'loan_no', r.loan_no,
                    'amount', r.amount,
                    'day', r.oldest_unpaid_due_on,
                    'days', r.days_past_due
                ),
                'dedup_key', r.dedup_key
            ) ORDER BY r.loan_id) AS messages
        FROM (
            SELECT
                b.business_id,
                b.loan_id,
                l.customer_id,
                l.loan_no,
                left(c.display_name, 200) AS name,
                concat(l.currency_code, ' ', to_char(
                    b.overdue,
                    'FM999,999,999,999,999,990' || CASE
                        WHEN l.minor_units > 0 THEN '.' || repeat('0', l.minor_units) ELSE ''
                    END
                )) AS amount,
                b.oldest_unpaid_due_on,
                b.days_past_due,
                concat_ws(
                    ':', p_template, b.loan_id,
                    to_char(b.oldest_unpaid_due_on + d.days, 'YYYY-MM-DD')
                ) AS dedup_key
            FROM lending.loan_balances AS b
            INNER JOIN lending.loans AS l ON l.tenant_id = b.tenant_id AND l.id = b.loan_id
            INNER JOIN party.customers AS c
                ON c.tenant_id = l.tenant_id
                AND c.id = l.customer_id
                AND c.status <> 'anonymised'
            CROSS JOIN LATERAL (
                SELECT max(d.days) AS days
                FROM unnest(p_days) AS d (days)
                WHERE d.days <= b.days_past_due
            ) AS d
            WHERE b.tenant_id = p_tenant_id
                AND b.loan_id = ANY (p_loan_ids)
                AND l.status IN ('active', 'restructured', 'defaulted')
                AND d.days IS NOT NULL
        ) AS r
        WHERE NOT EXISTS (
            SELECT
            FROM messaging.messages AS m
            WHERE m.tenant_id = p_tenant_id
                AND m.business_id = r.business_id
                AND m.dedup_key = r.dedup_key
        )
        GROUP BY r.business_id
        ORDER BY r.business_id
    LOOP
        v_count := v_count + (
            SELECT count(*)
            FROM messaging.insert_messages(
                p_tenant_id, v_business.business_id, v_business.messages
            ) AS i
            WHERE i.is_new
        );
    END LOOP;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION lending.queue_overdue_messages(integer, uuid[], integer[], text) IS
'Queues a message by p_template to the borrower of each of p_loan_ids that is past due by one of '
'p_days or more, unless there is one for the highest of these: its key is <template>:<loan>:<the '
'day on which the loan was so many days past due>. Values: name, loan_no, amount (overdue, with '
'currency), day (when the oldest instalment that is not settled was due), days (past due). '
'Returns how many were queued. Internal. Raises what messaging.insert_messages raises.';
