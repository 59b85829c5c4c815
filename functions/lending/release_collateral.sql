-- Give back what secured a loan.
CREATE OR REPLACE FUNCTION lending.release_collateral(
    p_collateral_id uuid,
    p_released_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_loan_id uuid;
    v_allowed text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_allowed := current_setting('pgerp.business_ids', true);
    SELECT c.loan_id INTO v_loan_id
    FROM lending.collaterals AS c
    WHERE c.tenant_id = p_tenant_id
        AND c.id = p_collateral_id
        AND c.released_on IS NULL
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(c.business_id));
    IF FOUND THEN
        v_loan := lending.lock_loan(p_tenant_id, v_loan_id);
        UPDATE lending.collaterals AS c
        SET released_on = lending.require_day(
                v_loan, p_released_on, v_loan.applied_on, 'The first day after applying'
            )
        WHERE c.tenant_id = p_tenant_id AND c.id = p_collateral_id AND c.released_on IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such collateral: %', coalesce(p_collateral_id::text, 'NULL')
        USING ERRCODE = 'ZO036',
            HINT = 'See lending.collaterals for what is not released.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.release_collateral(uuid, date, integer) IS
'Records that what secured a loan was given back on p_released_on (NULL: today). Needs '
'lending.originate. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO036 (no such '
'collateral, or released), ZO039 (before the application).';
