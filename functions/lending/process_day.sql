-- Count one day of loans: interest, fees that fall due, penalties, what is late; advances go to
-- what falls due.
CREATE OR REPLACE FUNCTION lending.process_day(
    p_tenant_id integer,
    p_business_id integer,
    p_day date,
    p_loan_ids uuid[],
    OUT counted bigint,
    OUT accrued bigint,
    OUT penalised bigint
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_booked_on date := greatest(p_day, (
        SELECT s.books_open_from
        FROM lending.settings AS s
        WHERE s.tenant_id = p_tenant_id AND s.business_id = p_business_id
    ));
    v_with_advance lending.loan_balances[];
    v_before lending.loan_balances;
    v_after lending.loan_balances;
BEGIN
    WITH day AS MATERIALIZED (
        SELECT * FROM lending.day_of_loans(p_tenant_id, p_business_id, p_day, p_loan_ids)
    ),
    changed AS (
        UPDATE lending.loan_balances AS b
        SET
            processed_through = p_day,
            interest_accrued = d.interest_accrued,
            fees_scheduled = d.fees_scheduled,
            fees_charged = d.fees_charged,
            penalty_days = d.penalty_days,
            penalties_charged = d.penalties_charged,
            overdue = d.overdue,
            days_past_due = d.days_past_due
        FROM day AS d
        WHERE b.tenant_id = p_tenant_id AND b.loan_id = d.loan_id AND NOT d.takes_advance
    ),
    charged AS MATERIALIZED (
        SELECT
            d.loan_id,
            d.product_id,
            d.branch_id,
            d.interest_accrued - d.interest_before AS interest,
            d.fees_charged - d.fees_before AS fees,
            d.penalties_charged - d.penalties_before AS penalties
        FROM day AS d
        WHERE NOT d.takes_advance
            AND (d.interest_accrued, d.fees_charged, d.penalties_charged)
                <> (d.interest_before, d.fees_before, d.penalties_before)
    ),
    told AS MATERIALIZED (
        SELECT
            c.product_id,
            c.branch_id,
            lending.emit_product_event(
                p_tenant_id, p_business_id, 'lending.product_charged', c.product_id, c.branch_id,
                v_booked_on, jsonb_build_object(
                    'interest_charged', sum(c.interest),
                    'interest_cancelled', 0,
                    'fees_charged', sum(c.fees),
                    'fees_cancelled', 0,
                    'penalties_charged', sum(c.penalties),
                    'penalties_cancelled', 0
                )
            ) AS event_id
        FROM charged AS c
        GROUP BY c.product_id, c.branch_id
    ),
    booked AS (
        INSERT INTO lending.movements (
            tenant_id, id, business_id, loan_id, kind, effective_on, booked_on, interest, fees,
            penalties, event_id
        )
        SELECT
            p_tenant_id,
            core.uuid_v7(),
            p_business_id,
            c.loan_id,
            'charge',
            p_day,
            v_booked_on,
            c.interest,
            c.fees,
            c.penalties,
            t.event_id
        FROM charged AS c
        INNER JOIN told AS t ON t.product_id = c.product_id
            AND t.branch_id IS NOT DISTINCT FROM c.branch_id
        RETURNING interest, penalties
    )
    SELECT
        (SELECT count(*) FROM day),
        (SELECT count(*) FROM booked AS k WHERE k.interest > 0),
        (SELECT count(*) FROM booked AS k WHERE k.penalties > 0),
        (
            SELECT array_agg(b ORDER BY b.loan_id)
            FROM day AS d
            INNER JOIN lending.loan_balances AS b
                ON b.tenant_id = p_tenant_id AND b.loan_id = d.loan_id
            WHERE d.takes_advance
        )
    INTO counted, accrued, penalised, v_with_advance;
    FOREACH v_before IN ARRAY coalesce(v_with_advance, '{}') LOOP
        v_after := lending.restate(p_tenant_id, v_before.loan_id, p_day);
        accrued := accrued + (v_after.interest_accrued > v_before.interest_accrued)::integer;
        penalised := penalised + (v_after.penalties_charged > v_before.penalties_charged)::integer;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION
lending.process_day(integer, integer, date, uuid[]) IS
'Counts a day of those of p_loan_ids, all of p_business_id, that were counted through the day '
'before: the others it leaves. By the closed forms of lending.day_of_loans, which agree with '
'lending.replay; a loan whose advance goes to what is due on that day goes through '
'lending.restate. Writes a movement for each loan, and one event for each product and branch. '
'Returns how many loans were counted, and how many bore interest and penalties. Internal: the '
'loans are locked (lending.lock_open_loans). Raises what posting the events raises.';
