-- Which states of a run follow which.
CREATE OR REPLACE FUNCTION payroll.guard_run()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'a new run is a draft'
            USING ERRCODE = 'ZY003',
                HINT = 'Calculate and approve it.';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.tenant_id, NEW.id, NEW.business_id, NEW.calendar_id, NEW.starts_on, NEW.ends_on,
        NEW.pay_date, NEW.period_code)
        IS DISTINCT FROM
        (OLD.tenant_id, OLD.id, OLD.business_id, OLD.calendar_id, OLD.starts_on, OLD.ends_on,
        OLD.pay_date, OLD.period_code)
    THEN
        RAISE EXCEPTION 'calendar, period and pay date of run % do not change', OLD.period_code
        USING ERRCODE = 'ZY004',
            HINT = 'Make another run.';
    END IF;
    IF NEW.status <> OLD.status AND OLD.status <> ALL (CASE NEW.status
        WHEN 'approved' THEN '{calculated}'
        WHEN 'processing' THEN '{approved}'
        WHEN 'processed' THEN '{processing, paid}'
        WHEN 'paid' THEN '{processed}'
        ELSE enum_range(NULL::payroll.run_status)
    END::payroll.run_status[])
    THEN
        RAISE EXCEPTION 'run % is % and cannot be %', OLD.period_code, OLD.status, NEW.status
        USING ERRCODE = 'ZY003',
            HINT = 'A run is calculated, approved, processed, paid, in this order.';
    END IF;
    -- Nobody is named as having prepared or approved it but who does.
    IF NEW.prepared_by IS DISTINCT FROM OLD.prepared_by AND (
        NEW.status <> 'calculated' OR NEW.prepared_by IS DISTINCT FROM core.current_actor()
    ) OR NEW.approved_by <> NEW.prepared_by AND NEW.approved_by IS DISTINCT FROM OLD.approved_by
        AND (
            (OLD.status, NEW.status) <> ('calculated', 'approved')
            OR NEW.approved_by <> core.current_actor()
        )
    THEN
        RAISE EXCEPTION 'run % is prepared and approved by who does it', OLD.period_code
        USING ERRCODE = 'ZY005',
            HINT = 'Use payroll.calculate_run and payroll.approve_run.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION payroll.guard_run() IS
'Trigger (before insert or update of payroll.runs, each row). Raises ZY003 (state out of turn), '
'ZY004 (calendar, period or pay date would change), ZY005 (prepared or approved in another''s '
'name).';
