-- Count each day that was missed, in order.
CREATE OR REPLACE FUNCTION lending.run_days(
    p_tenant_id integer,
    p_business_code text,
    p_through date,
    p_provisions boolean DEFAULT false,
    OUT loan_ids uuid[],
    OUT counted bigint,
    OUT accrued bigint,
    OUT penalised bigint,
    OUT provisioned bigint
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business_ids integer[] := lending.businesses_of(p_tenant_id, p_business_code);
    v_through date := coalesce(p_through, current_date);
    v_business_id integer;
    v_day date;
    v_done record;
BEGIN
    IF v_through = '-infinity' THEN
        RAISE EXCEPTION 'not a day: %', v_through
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Leave p_through out for today.';
    ELSIF v_through > current_date + 1 THEN
        RAISE EXCEPTION 'the day % is still to come', v_through
        USING ERRCODE = 'ZO050',
            DETAIL = format('Today is %s.', current_date),
            HINT = 'What is charged for a day that is counted stays: count days that are over.';
    END IF;
    loan_ids := lending.lock_open_loans(p_tenant_id, v_business_ids);
    counted := 0;
    accrued := 0;
    penalised := 0;
    provisioned := 0;
    FOREACH v_business_id IN ARRAY v_business_ids LOOP
        SELECT least(min(b.processed_through) + 1, v_through) INTO v_day
        FROM lending.loan_balances AS b
        INNER JOIN lending.loans AS l ON l.tenant_id = b.tenant_id AND l.id = b.loan_id
        WHERE b.tenant_id = p_tenant_id
            AND b.business_id = v_business_id
            AND b.loan_id = ANY (loan_ids)
            AND l.status IN ('active', 'restructured', 'defaulted');
        WHILE v_day <= v_through LOOP
            v_done := lending.process_day(p_tenant_id, v_business_id, v_day, loan_ids);
            counted := counted + v_done.counted;
            accrued := accrued + v_done.accrued;
            penalised := penalised + v_done.penalised;
            IF p_provisions THEN
                provisioned := provisioned
                    + lending.provision_day(p_tenant_id, v_business_id, v_day, loan_ids);
            END IF;
            v_day := v_day + 1;
        END LOOP;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION lending.run_days(integer, text, date, boolean) IS
'Counts the loans of a business (NULL: of all businesses of the token) on which something is '
'owed, day by day through p_through (NULL: today), each booked on its own day, and provisions for '
'each day where p_provisions says so. Returns the loans, which are locked from then on, and sums '
'over days of lending.process_day and lending.provision_day. Internal: what every job begins '
'with. Raises ZI005 to ZI007 (business), ZO050 (p_through is more than a day ahead), 22023 (it is '
'no day), and what posting the events raises.';
