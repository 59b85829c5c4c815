-- How a loan that the token covers stood on a day.
CREATE OR REPLACE FUNCTION lending.balances_as_of(p_loan_id uuid, p_as_of date)
RETURNS lending.loan_balances
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_loan lending.loans;
    v_replayed lending.replayed;
BEGIN
    IF v_tenant_id IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    SELECT l.* INTO v_loan
    FROM lending.loans AS l
    WHERE l.tenant_id = v_tenant_id AND l.id = p_loan_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such loan: %', coalesce(p_loan_id::text, 'NULL')
        USING ERRCODE = 'ZO010',
            HINT = 'See lending.loans for the ids that the token covers.';
    ELSIF NOT isfinite(p_as_of) THEN
        RAISE EXCEPTION 'nothing is known of %', p_as_of
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give a day; NULL: today.';
    END IF;
    v_replayed := lending.replay(v_loan, coalesce(p_as_of, current_date));
    RETURN v_replayed.balances;
END;
$$;
COMMENT ON FUNCTION lending.balances_as_of(uuid, date) IS
'lending.replay through p_as_of (NULL: today) of a loan that the token covers; all NULL: it was '
'not paid out by then. Internal. Raises ZI001 to ZI003 (token), ZO010 (no such loan), 22023 '
'(infinite).';
