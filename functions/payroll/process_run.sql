-- Send the records of an approved run to the books.
CREATE OR REPLACE FUNCTION payroll.process_run(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_run payroll.runs;
    v_changed text;
    v_record_id uuid;
    v_count integer := 0;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_run := payroll.lock_run(
        p_tenant_id, v_business.id, p_calendar_code, p_period_code, '{approved, processing}'
    );
    -- Two runs of one employee wait for each other here, and then see what the other withheld.
    PERFORM FROM payroll.enrolments AS e
    WHERE e.tenant_id = p_tenant_id
        AND e.employee_id IN (
            SELECT r.employee_id
            FROM payroll.payroll_records AS r
            WHERE r.tenant_id = p_tenant_id AND r.run_id = v_run.id AND r.status = 'pending'
        )
    ORDER BY e.employee_id
    FOR NO KEY UPDATE;
    SELECT r.employee_no INTO v_changed
    FROM payroll.payroll_records AS r
    WHERE r.tenant_id = p_tenant_id
        AND r.run_id = v_run.id
        AND r.status = 'pending'
        AND (
            r.ytd_gross <> payroll.gross_to_date(
                r.tenant_id, r.business_id, r.employee_id, r.pay_date
            )
            -- The same gross may have been withheld of otherwise.
            OR EXISTS (
                SELECT FROM payroll.record_items AS i
                LEFT JOIN payroll.withheld_to_date(
                    r.tenant_id, r.business_id, r.employee_id, r.pay_date
                ) AS w ON w.code = i.code
                WHERE i.tenant_id = r.tenant_id
                    AND i.record_id = r.id
                    AND i.kind = 'statutory'
                    AND (i.base_before, i.amount_before, i.employer_amount_before)
                    IS DISTINCT FROM (
                        coalesce(w.base, 0), coalesce(w.amount, 0), coalesce(w.employer_amount, 0)
                    )
            )
        )
    ORDER BY r.employee_no COLLATE "C"
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'other pay of employee % changed since run % was calculated', v_changed,
            p_period_code
        USING ERRCODE = 'ZY007',
            HINT = 'Calculate the run again, since what is withheld depends on it.';
    END IF;
    UPDATE payroll.runs AS r
    SET status = 'processing'
    WHERE r.tenant_id = p_tenant_id AND r.id = v_run.id;
    FOR v_record_id IN
        SELECT r.id
        FROM payroll.payroll_records AS r
        WHERE r.tenant_id = p_tenant_id AND r.run_id = v_run.id AND r.status = 'pending'
        ORDER BY r.employee_no COLLATE "C"
    LOOP
        UPDATE payroll.payroll_records AS r
        SET status = 'processing', rejection_reason = NULL
        WHERE r.tenant_id = p_tenant_id AND r.id = v_record_id;
        PERFORM payroll.emit_record(p_tenant_id, v_record_id, 'payroll.record_processed');
        v_count := v_count + 1;
    END LOOP;
    PERFORM payroll.settle_run(p_tenant_id, v_run.id);
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION payroll.process_run(text, text, text, integer) IS
'Emits payroll.record_processed for each pending record of an approved run, also for those that '
'the books refused before, and returns how many. Where the ledger is in this database the records '
'are processed when it returns, and an error of the posting is its own; elsewhere they are when '
'the ledger has answered. Needs payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 (token, '
'business, permission), ZY001 (no such calendar or run), ZY003 (not approved), ZY007 (calculate '
'again), and what the posting raises.';
