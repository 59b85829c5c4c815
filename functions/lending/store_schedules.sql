-- Keep the versions of a schedule that are true, and say of others that they are not.
CREATE OR REPLACE FUNCTION lending.store_schedules(
    p_loan lending.loans,
    p_replayed lending.replayed
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_made lending.schedules;
    v_kept lending.schedules;
    v_live uuid[] := '{}'::uuid[];
BEGIN
    FOREACH v_made IN ARRAY p_replayed.schedules LOOP
        -- Of one day the later version is in force, by its number.
        SELECT s.* INTO v_kept
        FROM lending.schedules AS s
        WHERE s.tenant_id = p_loan.tenant_id
            AND s.business_id = p_loan.business_id
            AND s.loan_id = p_loan.id
            AND s.transaction_id = v_made.transaction_id
            AND s.reason = v_made.reason
            AND s.annual_rate_percent = v_made.annual_rate_percent
            AND (
                v_kept.effective_on IS NULL
                OR v_kept.effective_on < v_made.effective_on
                OR v_kept.version_no < s.version_no
            )
            AND NOT EXISTS (
                SELECT
                FROM (
                    SELECT i.*
                    FROM lending.instalments AS i
                    WHERE i.tenant_id = s.tenant_id AND i.schedule_id = s.id
                ) AS o
                FULL JOIN (
                    SELECT i.*
                    FROM unnest(p_replayed.instalments) AS i
                    WHERE i.schedule_id = v_made.id
                ) AS n ON o.instalment_no = n.instalment_no
                WHERE (
                    o.starts_on, o.due_date, o.days, o.principal, o.interest, o.fees, o.balance,
                    o.interest_before
                ) IS DISTINCT FROM (
                    n.starts_on, n.due_date, n.days, n.principal, n.interest, n.fees, n.balance,
                    n.interest_before
                )
            )
        ORDER BY s.version_no DESC
        LIMIT 1;
        IF NOT FOUND THEN
            INSERT INTO lending.schedules AS s (
                tenant_id, business_id, loan_id, version_no, reason, effective_on, transaction_id,
                annual_rate_percent
            )
            SELECT
                p_loan.tenant_id,
                p_loan.business_id,
                p_loan.id,
                coalesce(max(o.version_no), 0) + 1,
                v_made.reason,
                v_made.effective_on,
                v_made.transaction_id,
                v_made.annual_rate_percent
            FROM lending.schedules AS o
            WHERE o.tenant_id = p_loan.tenant_id AND o.loan_id = p_loan.id
            RETURNING s.* INTO v_kept;
            INSERT INTO lending.instalments (
                tenant_id, schedule_id, instalment_no, business_id, loan_id, starts_on, due_date,
                days, principal, interest, fees, balance, interest_before, principal_to_date,
                interest_to_date, fees_to_date
            )
            SELECT
                p_loan.tenant_id,
                v_kept.id,
                i.instalment_no,
                p_loan.business_id,
                p_loan.id,
                i.starts_on,
                i.due_date,
                i.days,
                i.principal,
                i.interest,
                i.fees,
                i.balance,
                i.interest_before,
                i.principal_to_date,
                i.interest_to_date,
                i.fees_to_date
            FROM unnest(p_replayed.instalments) AS i
            WHERE i.schedule_id = v_made.id;
        END IF;
        v_live := v_live || v_kept.id;
    END LOOP;
    UPDATE lending.schedules AS s
    SET is_live = (s.id = ANY (v_live))
    WHERE s.tenant_id = p_loan.tenant_id
        AND s.business_id = p_loan.business_id
        AND s.loan_id = p_loan.id
        AND s.is_live <> (s.id = ANY (v_live));
    RETURN v_kept.id;
END;
$$;
COMMENT ON FUNCTION lending.store_schedules(lending.loans, lending.replayed) IS
'Has exactly the versions that lending.replay found be live: those that are stored as they are, '
'others as new ones. Returns the one that is in force. Internal.';
