-- Another user than who calculated it says that it is right.
CREATE OR REPLACE FUNCTION payroll.approve_run(
    p_business_code text,
    p_calendar_code text,
    p_period_code text,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_run payroll.runs;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.approve');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_run := payroll.lock_run(
        p_tenant_id, v_business.id, p_calendar_code, p_period_code, '{calculated}'
    );
    IF v_run.prepared_by = core.current_actor() THEN
        RAISE EXCEPTION 'run % was calculated by who would approve it', p_period_code
        USING ERRCODE = 'ZY005',
            DETAIL = format('%s calculated it.', v_run.prepared_by),
            HINT = 'Have another user approve it.';
    END IF;
    UPDATE payroll.runs AS r
    SET
        status = 'approved',
        approved_by = core.current_actor(),
        approved_at = clock_timestamp()
    WHERE r.tenant_id = p_tenant_id AND r.id = v_run.id;
END;
$$;
COMMENT ON FUNCTION payroll.approve_run(text, text, text, integer) IS
'Approves a calculated run, by another user than who calculated it last. Needs payroll.approve. '
'Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZY001 (no such calendar or '
'run), ZY003 (not calculated), ZY005 (the same user).';
