-- Set aside for loans what their lateness asks for, at the end of a day.
CREATE OR REPLACE FUNCTION lending.provision_day(
    p_tenant_id integer,
    p_business_id integer,
    p_day date,
    p_loan_ids uuid[]
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_booked_on date := greatest(p_day, (
        SELECT s.books_open_from
        FROM lending.settings AS s
        WHERE s.tenant_id = p_tenant_id AND s.business_id = p_business_id
    ));
    v_count bigint;
BEGIN
    WITH required AS MATERIALIZED (
        SELECT
            b.loan_id,
            l.product_id,
            l.branch_id,
            b.allowance AS allowance_before,
            coalesce(r.amount, 0) AS allowance
        FROM lending.loan_balances AS b
        INNER JOIN lending.loans AS l ON l.tenant_id = b.tenant_id AND l.id = b.loan_id
        LEFT JOIN LATERAL (
            SELECT lending.round_quotient(
                b.principal * p.rate_percent,
                100,
                1 / power(10::numeric, l.minor_units),
                l.rounding::text
            ) AS amount
            FROM lending.provision_rates AS p
            WHERE p.tenant_id = b.tenant_id
                AND p.business_id = b.business_id
                AND p.min_days_past_due <= b.days_past_due
            ORDER BY p.min_days_past_due DESC
            LIMIT 1
        ) AS r ON l.status IN ('active', 'restructured', 'defaulted')
        WHERE b.tenant_id = p_tenant_id
            AND b.business_id = p_business_id
            AND b.loan_id = ANY (p_loan_ids)
            AND CASE
                WHEN l.status IN ('active', 'restructured', 'defaulted')
                    THEN b.processed_through = p_day
                ELSE b.processed_through <= p_day AND b.allowance > 0
            END
    ),
    changed AS MATERIALIZED (
        SELECT
            q.loan_id,
            q.product_id,
            q.branch_id,
            q.allowance,
            q.allowance - q.allowance_before AS raised
        FROM required AS q
        WHERE q.allowance <> q.allowance_before
    ),
    told AS MATERIALIZED (
        SELECT
            c.product_id,
            c.branch_id,
            lending.emit_product_event(
                p_tenant_id, p_business_id, 'lending.product_allowance_changed', c.product_id,
                c.branch_id, v_booked_on, jsonb_build_object(
                    'raised', sum(greatest(c.raised, 0)), 'released', sum(greatest(-c.raised, 0))
                )
            ) AS event_id
        FROM changed AS c
        GROUP BY c.product_id, c.branch_id
    ),
    booked AS (
        INSERT INTO lending.movements (
            tenant_id, id, business_id, loan_id, kind, effective_on, booked_on, allowance, event_id
        )
        SELECT
            p_tenant_id,
            core.uuid_v7(),
            p_business_id,
            c.loan_id,
            'allowance',
            p_day,
            v_booked_on,
            c.raised,
            t.event_id
        FROM changed AS c
        INNER JOIN told AS t ON t.product_id = c.product_id
            AND t.branch_id IS NOT DISTINCT FROM c.branch_id
    )
    UPDATE lending.loan_balances AS b
    SET allowance = c.allowance
    FROM changed AS c
    WHERE b.tenant_id = p_tenant_id AND b.loan_id = c.loan_id;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION lending.provision_day(integer, integer, date, uuid[]) IS
'Brings the allowance of those of p_loan_ids, all of p_business_id, that were counted through '
'p_day and no further, to what lending.provision_rates ask for: outstanding principal times the '
'rate for their days past due, rounded as the loan is; 0 once nothing is owed any more. Writes a '
'movement for each loan whose allowance changed, and one event for each product and branch; '
'returns how many changed. Internal: the loans are locked (lending.lock_open_loans). Raises what '
'posting the events raises.';
